using System.Diagnostics;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>The <c>workerpool</c> tool, run as a program.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "WorkerPool.Cli");

    /// <summary>Runs it, and waits for its end.</summary>
    /// <param name="control">The control socket, as the environment says it.</param>
    /// <param name="command">The tool and its arguments, or what starts it.</param>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string control, params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["WORKERPOOL_CONTROL"] = control;
        using Process process = Process.Start(start)!;
        using CancellationTokenSource deadline = new(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await errors);
    }
}
