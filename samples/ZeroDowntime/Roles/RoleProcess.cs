using System.Diagnostics;
using WorkerPool;

namespace ZeroDowntime.Roles;

/// <summary>This program again, in another role. It ends when its standard input is closed, or with this process.</summary>
internal sealed class RoleProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndDeadline = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private RoleProcess(Process process) => _process = process;

    public TextReader Output => _process.StandardOutput;

    public int ProcessId => _process.Id;

    public static RoleProcess Start(params string[] arguments)
    {
        // The library knows how this program was started, be it by its own name or by dotnet.
        Release self = Release.Current(label: null, arguments);
        ProcessStartInfo start = new(self.Executable, self.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new RoleProcess(Process.Start(start) ?? throw new InvalidOperationException($"{self.Executable} did not start."));
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using CancellationTokenSource deadline = new(EndDeadline);
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
