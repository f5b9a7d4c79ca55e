using Microsoft.Extensions.Logging;

namespace WorkerPool.Hosting.Workers;

/// <summary>How the worker of a host meets its master.</summary>
internal static class Introduction
{
    /// <summary>The worker. Without a master the process ends here, as it does under <see cref="Pool"/>: with a line and an exit code.</summary>
    /// <remarks>An exception would leave the host as an unhandled one, with a stack trace and a signal.</remarks>
    public static Worker Connect(ILoggerFactory? loggerFactory)
    {
        try
        {
            return Worker.ConnectAsync(loggerFactory).GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"WorkerPool: {e.Message}");
            Environment.Exit(Pool.NoMaster);
            throw;
        }
    }
}
