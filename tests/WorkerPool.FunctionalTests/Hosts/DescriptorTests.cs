using System.Globalization;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>What a worker finds at its first instruction; docs/worker-protocol.md.</summary>
[Collection("Pools")]
public sealed class DescriptorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("worker-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_worker_has_the_standard_streams_its_listeners_and_its_two_channels_and_nothing_else()
    {
        await using TestPool pool = await StartAsync();
        string[] descriptors = await File.ReadAllLinesAsync(Path.Combine(_directory, "descriptors"));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], descriptors.Select(line => line.Split(' ')[0]));
        Assert.Equal("0 /dev/null", descriptors[0]);
        Assert.StartsWith("2 pipe:", descriptors[2], StringComparison.Ordinal);
        Assert.All(descriptors[3..], line => Assert.Contains(" socket:", line, StringComparison.Ordinal));

        // By inode: the listeners are those of the pool, each in its place.
        for (int endpoint = 0; endpoint < 2; endpoint++)
        {
            string inode = descriptors[3 + endpoint].Split('[', ']')[1];
            int port = ((System.Net.IPEndPoint)pool.Master.GetEndPoint(endpoint == 0 ? "first" : "second")).Port;
            string line = File.ReadLines("/proc/net/tcp").Single(entry => entry.Contains($" {inode} ", StringComparison.Ordinal));
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $":{port:X4} 00000000:0000 0A "), line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_worker_has_no_signal_blocked_ignored_or_pending_and_leads_a_process_group()
    {
        await using TestPool pool = await StartAsync();
        Dictionary<string, string> status = (await File.ReadAllLinesAsync(Path.Combine(_directory, "status")))
            .Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        Assert.All(["SigPnd", "ShdPnd", "SigBlk", "SigIgn"], set => Assert.Equal("0000000000000000", status[set]));
        Assert.Equal(pool.ProcessOf(0), ProcessTable.Find(pool.ProcessOf(0))!.Group);
    }

    [Fact]
    public async Task A_worker_is_told_what_the_protocol_promises_and_nothing_of_the_master_s_own()
    {
        string[] mastersOwn = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_PIDFDID", "WORKERPOOL_OTHER"];
        Array.ForEach(mastersOwn, name => Environment.SetEnvironmentVariable(name, "1"));
        Environment.SetEnvironmentVariable("HOST_VARIABLE", "kept");
        try
        {
            await using TestPool pool = await StartAsync();
            Dictionary<string, string> environment = (await File.ReadAllTextAsync(Path.Combine(_directory, "environment")))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            Assert.Equal("kept", environment["HOST_VARIABLE"]);
            Assert.Equal(
                [
                    "LISTEN_FDNAMES=first:second", "LISTEN_FDS=2", "WORKERPOOL_CONTROL_FD=5", "WORKERPOOL_GENERATION=1",
                    "WORKERPOOL_LABEL=shell", "WORKERPOOL_PASS_FD=6", "WORKERPOOL_PROTOCOL=1", "WORKERPOOL_SLOT=0",
                ],
                environment.Where(IsOurs).Select(variable => $"{variable.Key}={variable.Value}").Order(StringComparer.Ordinal));
        }
        finally
        {
            Array.ForEach([.. mastersOwn, "HOST_VARIABLE"], name => Environment.SetEnvironmentVariable(name, null));
        }
    }

    [Fact]
    public async Task A_worker_that_is_a_plain_shell_gets_ready_is_replaced_and_drains()
    {
        await using TestPool pool = await StartAsync();
        int first = pool.ProcessOf(0);
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        Assert.NotEqual(first, pool.ProcessOf(0));
        Assert.Equal(0, (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).Exit!.Value.Code);
        (await pool.Master.StopAsync()).EnsureDone();
        Assert.Equal(0, (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).Exit!.Value.Code);
    }

    private static bool IsOurs(KeyValuePair<string, string> variable) =>
        variable.Key.StartsWith("WORKERPOOL_", StringComparison.Ordinal)
        || variable.Key.StartsWith("LISTEN_", StringComparison.Ordinal)
        || variable.Key.StartsWith("WATCHDOG_", StringComparison.Ordinal)
        || variable.Key == "NOTIFY_SOCKET";

    // The shell looks before it opens anything itself; a pattern instead of the loop would open the directory.
    private Task<TestPool> StartAsync() => TestPool.StartAsync(options =>
    {
        options.WorkerCount = 1;
        options.Listen("first", "127.0.0.1:0");
        options.Listen("second", "127.0.0.1:0");
        options.Release = ShellWorker.Plain($$"""
            cd '{{_directory}}'
            number=0
            while [ $number -lt 1024 ]; do
                if [ -L /proc/$$/fd/$number ]; then found="$found $number"; fi
                number=$((number + 1))
            done
            for number in $found; do
                echo $number > number
                readlink /proc/$$/fd/$number | paste -d' ' number - >> descriptors
            done
            cat /proc/$$/environ > environment
            grep . /proc/$$/status > status
            """).WithLabel("shell");
    });
}
