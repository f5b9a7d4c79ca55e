namespace WorkerPool.Processes.Privileges;

/// <summary>Errors that are named after an option instead of a parameter.</summary>
internal static class OptionFault
{
    public static ArgumentException Create(string option, string message) => new(message, option);
}
