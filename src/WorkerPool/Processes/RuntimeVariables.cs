namespace WorkerPool.Processes;

/// <summary>
/// What workers are told about the .NET runtime unless somebody else says it: settings for many processes on few
/// processors. docs/tuning.md has the figures, also of those that were measured and left out.
/// </summary>
internal static class RuntimeVariables
{
    // Threads of the thread pool look for work for a while before they sleep. That pays where the processor would be idle
    // otherwise; here it belongs to another worker.
    private const string ThreadPoolSpinning = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    // Measured where there are as many workers as processors, and more. One with several processors to itself may spin.
    private const int ProcessorsOfItsOwn = 2;

    private static readonly Dictionary<string, string> Crowded = new() { [ThreadPoolSpinning] = "0" };
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The variables for each of so many workers on so many processors.</summary>
    public static IReadOnlyDictionary<string, string> For(int workers, int processors) =>
        processors >= workers * ProcessorsOfItsOwn ? None : Crowded;
}
