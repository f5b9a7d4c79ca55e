using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// A pool whose master is a process of its own, in a process group of its own: <c>WorkerPool.TestWorker master …</c>.
/// Every wait has a deadline. What it printed is shown if the test fails.
/// </summary>
internal sealed class MasterProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    // A test runner that was started in the background ignores SIGINT, and its children would, too. A variable that
    // another test has set belongs to nobody here.
    private static readonly string[] FreshStart = ["setsid", "env", "--default-signal", "-u", "NOTIFY_SOCKET"];

    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly List<string> _skipped = [];
    private readonly List<string> _all = [];
    private readonly Process _process;

    private MasterProcess(Process process) => _process = process;

    /// <summary>The process that was started: the master itself, or what a wrapper made of it.</summary>
    public int Id => _process.Id;

    /// <summary>The processes of the workers that were there when the master was up, by slot.</summary>
    public List<int> Workers { get; } = [];

    public EndPoint EndPoint { get; private set; } = null!;

    /// <summary>Every line that it has printed so far.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Starts a master; it is not up yet.</summary>
    /// <param name="setup">As TestMaster takes it: workers, drain deadline in seconds, what to do when the master is lost, behaviour.</param>
    /// <param name="wrapper">The command that starts the master, if not directly.</param>
    public static MasterProcess Start(Setup setup, params string[] wrapper) =>
        StartProgram(
            [setup.Role, Text(setup.WorkerCount), setup.Address, Text(setup.DrainSeconds), setup.OnLoss, .. setup.Behaviour], wrapper);

    /// <summary>Starts the program of the workers with arguments of its own; see its <c>Program.cs</c>.</summary>
    public static MasterProcess StartProgram(string[] arguments, params string[] wrapper)
    {
        string[] command = [.. FreshStart, .. wrapper, TestPool.WorkerProgram, .. arguments];
        Process process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        MasterProcess master = new(process);
        _ = master.ReadAsync(process.StandardOutput);
        _ = master.ReadAsync(process.StandardError);
        return master;
    }

    /// <summary>Starts a master, and waits until all its workers are ready.</summary>
    public static Task<MasterProcess> UpAsync(Setup setup, params string[] wrapper) => UpAsync(Start(setup, wrapper), setup);

    /// <summary>The same, as a service manager starts it that passes sockets.</summary>
    public static Task<MasterProcess> UpAsync(Setup setup, PassedByManager passed, params string[] wrapper) => UpAsync(Start(setup, passed, wrapper), setup);

    public static MasterProcess Start(Setup setup, PassedByManager passed, params string[] wrapper)
    {
        using PassedByManager.Inheritable inheritable = passed.Inherit();
        return Start(setup, [.. wrapper, .. inheritable.Wrapper]);
    }

    private static async Task<MasterProcess> UpAsync(MasterProcess master, Setup setup)
    {
        try
        {
            await master.BeUpAsync(setup.WorkerCount);
            return master;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    public Task<Client> ConnectAsync() => Client.ConnectAsync(EndPoint);

    /// <summary>The next line that begins so, among those that this was not asked for yet.</summary>
    public async Task<string> SaysAsync(string beginning)
    {
        if (_skipped.Find(line => line.StartsWith(beginning, StringComparison.Ordinal)) is string early)
        {
            _skipped.Remove(early);
            return early;
        }

        using CancellationTokenSource deadline = new(Patience);
        try
        {
            while (true)
            {
                string line = await _unread.Reader.ReadAsync(deadline.Token);
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return line;
                }

                _skipped.Add(line);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The master did not say \"{beginning}\". It said:\n{AllText}");
        }
    }

    public void Signal(int signal) => Signal(Id, signal);

    public static void Signal(int process, int signal) => Assert.Equal(0, kill(process, signal));

    /// <summary>Waits for the end of the master; its exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine(AllText);
    }

    private string AllText => string.Join('\n', Said);

    /// <summary>Waits until all its workers are ready.</summary>
    public async Task BeUpAsync(int workerCount)
    {
        for (int slot = 0; slot < workerCount; slot++)
        {
            string line = await SaysAsync($"worker {Text(slot)} ");
            Workers.Add(int.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture));
        }

        string address = (await SaysAsync("up "))[3..];
        EndPoint = address.StartsWith('/') ? new UnixDomainSocketEndPoint(address) : IPEndPoint.Parse(address);
    }

    // Ends with the last process that has the stream, which may be a worker that outlives the master.
    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is string line)
            {
                lock (_all)
                {
                    _all.Add(line);
                }

                _unread.Writer.TryWrite(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the master is told.</summary>
    public sealed record Setup(params string[] Behaviour)
    {
        public int WorkerCount { get; init; } = 2;

        /// <summary>"master", or "signal-master": one whose signals all do what the library says.</summary>
        public string Role { get; init; } = "master";

        /// <summary>Of the endpoint "main".</summary>
        public string Address { get; init; } = "127.0.0.1:0";

        public int DrainSeconds { get; init; } = 60;

        public string OnLoss { get; init; } = "drain";
    }
}
