using System.Net.Sockets;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Each row of the table in docs/signals.md: a real master, clients that come all the time, and none lost.</summary>
[Collection("Pools")]
public class SignalTableTests
{
    private const int SIGWINCH = 28;

    private static readonly MasterProcess.Setup Serving = new("serve") { Role = "signal-master" };

    [Fact]
    public async Task SIGHUP_replaces_every_worker_and_a_second_one_meanwhile_is_refused_loudly()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master);
        master.Signal(SIGHUP);
        await master.SaysAsync("RolloutBegan");
        master.Signal(SIGHUP);
        Assert.Contains("SIGHUP is refused", await master.SaysAsync("Warning"), StringComparison.Ordinal);

        await master.SaysAsync("RolloutEnded");
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        Assert.Empty(master.Workers.Intersect(WorkersOf(master)));
        await StopAsync(master);
    }

    [Theory]
    [InlineData(nameof(SIGTERM))]
    [InlineData(nameof(SIGQUIT))]
    public async Task SIGTERM_and_SIGQUIT_serve_whoever_has_connected_and_end_the_master_with_zero(string name)
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master);
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        await load.ForAsync(100);
        int came = load.Count;
        master.Signal(name == nameof(SIGTERM) ? SIGTERM : SIGQUIT);
        await master.SaysAsync($"WorkerDraining {before.Slot}");
        Assert.Equal(before.Process, (await client.AskAsync("during the drain")).Process);
        client.EndSending();
        Assert.True(await client.IsEndedAsync());

        Assert.Equal(0, await master.ExitAsync());
        await load.EndWithoutLossAmongAsync(came);
    }

    [Fact]
    public async Task SIGINT_ends_the_master_with_zero_and_waits_for_no_connection()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        using Client client = await master.ConnectAsync();
        await client.AskAsync();
        master.Signal(SIGINT);
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, await master.ExitAsync());
        Assert.DoesNotContain(master.Said, line => line.StartsWith("WorkerDraining", StringComparison.Ordinal));
        Assert.All(master.Workers, worker => Assert.Null(ProcessTable.Find(worker)));
    }

    [Fact]
    public async Task SIGINT_under_load_ends_every_connection_and_every_process_and_frees_the_address()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { WorkerCount = 4 });
        List<Client> connected = [];
        try
        {
            await using Load load = Load.Start(master);
            for (int i = 0; i < 50; i++)
            {
                connected.Add(await master.ConnectAsync());
                await connected[^1].AskAsync();
            }

            await load.ForAsync(100);
            master.Signal(SIGINT);
            Assert.All(await Task.WhenAll(connected.Select(EndsAsync)), Assert.True);
            Assert.Equal(0, await master.ExitAsync());
            await load.EndWithoutHangingAsync();
            await Assert.ThrowsAsync<SocketException>(master.ConnectAsync);
            Assert.DoesNotContain(master.Said, line => line.StartsWith("WorkerDraining", StringComparison.Ordinal));
            Assert.DoesNotContain(master.Said, line => line.StartsWith("WorkerSpawned", StringComparison.Ordinal));
            Assert.All(master.Workers, worker => Assert.Null(ProcessTable.Find(worker)));
        }
        finally
        {
            connected.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Each_SIGTTIN_adds_a_worker_and_each_SIGTTOU_takes_one_down_to_the_last()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master);
        await ScaleAsync(master, SIGTTIN, "SlotAdded 2");
        await ScaleAsync(master, SIGTTIN, "SlotAdded 3");
        await load.ForAsync(100);
        Assert.Equal(4, WorkersOf(master).Length);
        await ScaleAsync(master, SIGTTOU, "SlotRemoved 3");
        await ScaleAsync(master, SIGTTOU, "SlotRemoved 2");
        await ScaleAsync(master, SIGTTOU, "SlotRemoved 1");
        master.Signal(SIGTTOU);
        Assert.Contains("SIGTTOU is refused: 0 workers", await master.SaysAsync("Warning"), StringComparison.Ordinal);
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        Assert.Equal(master.Workers[..1], WorkersOf(master));
        await StopAsync(master);
    }

    [Fact]
    public async Task Two_signals_that_follow_at_once_are_two_workers()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        master.Signal(SIGTTIN);
        await master.SaysAsync("SignalReceived");
        master.Signal(SIGTTIN);
        await master.SaysAsync("SlotAdded 3");
        await master.SaysAsync("WorkerReady 3");
        Assert.DoesNotContain(master.Said, line => line.StartsWith("Warning", StringComparison.Ordinal));
        await StopAsync(master);
    }

    [Fact]
    public async Task SIGWINCH_drains_all_workers_and_clients_wait_until_SIGHUP_brings_new_ones()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master, perSecond: 50);
        await load.ForAsync(20);
        master.Signal(SIGWINCH);
        foreach (int worker in master.Workers)
        {
            Assert.EndsWith("exit code 0.", await master.SaysAsync($"WorkerExited {master.Workers.IndexOf(worker)} {worker}"), StringComparison.Ordinal);
        }

        await load.ForAsync(20);
        Assert.Empty(WorkersOf(master));
        master.Signal(SIGWINCH);
        Assert.Contains("no worker", await master.SaysAsync("Warning"), StringComparison.Ordinal);

        master.Signal(SIGHUP);
        await master.SaysAsync("WorkerReady 0");
        await master.SaysAsync("WorkerReady 1");
        await load.ForAsync(20);
        await load.EndWithoutLossAsync();
        await StopAsync(master);
    }

    [Fact]
    public async Task A_master_with_a_terminal_leaves_its_workers_alone_when_the_window_changes_its_size()
    {
        // To any other terminal each process would write sequences of its own, in the middle of the others' lines.
        await using MasterProcess wrapper = await MasterProcess.UpAsync(Serving, "sh", "-c", "TERM=dumb exec script -qec \"$*\" /dev/null", "sh");
        int master = ProcessTable.Find(wrapper.Workers[0])!.Parent;
        MasterProcess.Signal(master, SIGWINCH);
        MasterProcess.Signal(master, SIGUSR1);
        await wrapper.SaysAsync("ReopeningLogs");
        Assert.All(wrapper.Said, line => Assert.DoesNotContain("SIGWINCH", line, StringComparison.Ordinal));
        Assert.All(wrapper.Workers, worker => Assert.NotNull(ProcessTable.Find(worker)));
        MasterProcess.Signal(master, SIGTERM);
        Assert.Equal(0, await wrapper.ExitAsync());
    }

    [Fact]
    public async Task SIGUSR1_reaches_each_worker_as_an_event()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master);
        await load.ForAsync(50);
        master.Signal(SIGUSR1);
        await master.SaysAsync($"reopening 0 {master.Workers[0]}");
        await master.SaysAsync($"reopening 1 {master.Workers[1]}");
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        Assert.Equal(master.Workers.Order(), WorkersOf(master));
        await StopAsync(master);
    }

    [Fact]
    public async Task SIGUSR2_is_said_to_be_reserved_and_harms_nobody()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        await using Load load = Load.Start(master);
        await load.ForAsync(50);
        master.Signal(SIGUSR2);
        Assert.Contains("SIGUSR2 is refused: it is reserved", await master.SaysAsync("Warning"), StringComparison.Ordinal);
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        Assert.Equal(master.Workers.Order(), WorkersOf(master));
        await StopAsync(master);
    }

    [Fact]
    public async Task Signals_that_arrive_while_the_first_workers_start_end_nothing_and_are_obeyed_afterwards()
    {
        await using MasterProcess master = MasterProcess.Start(new("slow-start", "2000") { Role = "signal-master" });
        await master.SaysAsync("starting ");
        master.Signal(SIGHUP);
        master.Signal(SIGUSR1);
        await master.SaysAsync("up ");
        await master.SaysAsync("SignalReceived   SIGHUP");
        await master.SaysAsync("SignalReceived   SIGUSR1");
        await StopAsync(master);
    }

    [Fact]
    public async Task A_master_under_nohup_says_that_it_never_sees_SIGHUP()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, "nohup");
        Assert.Contains("SIGHUP had been set to be ignored", await master.SaysAsync("Warning"), StringComparison.Ordinal);
        master.Signal(SIGHUP);
        master.Signal(SIGUSR1);
        await master.SaysAsync("reopening 0");
        Assert.Equal(master.Workers.Order(), WorkersOf(master));
        await StopAsync(master);
    }

    [Fact]
    public async Task A_worker_drains_at_SIGTERM_and_a_second_one_ends_its_time()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { WorkerCount = 1 });
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        string listener = Machine.ListenerOf(before.Process);
        MasterProcess.Signal(before.Process, SIGTERM);
        await Machine.UntilAsync(() => !Holds(before.Process, listener), "the worker has closed its listener");
        using Client next = await master.ConnectAsync();
        Assert.Equal(before.Process, (await client.AskAsync("during the drain")).Process);

        MasterProcess.Signal(before.Process, SIGTERM);
        Assert.True(await client.IsEndedAsync());
        Assert.EndsWith("exit code 0.", await master.SaysAsync($"WorkerExited 0 {before.Process}"), StringComparison.Ordinal);
        Assert.NotEqual(before.Process, (await next.AskAsync()).Process);
        next.Dispose();
        await StopAsync(master);
    }

    /// <summary>In order or by a reset; a wait of 30 s is neither.</summary>
    private static async Task<bool> EndsAsync(Client client)
    {
        try
        {
            return await client.IsEndedAsync();
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    private static bool Holds(int process, string socket) =>
        Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == socket);

    /// <summary>By their numbers, which say nothing about their slots: numbers begin anew at some time.</summary>
    private static int[] WorkersOf(MasterProcess master) => [.. ProcessTable.ChildrenOf(master.Id).Select(child => child.Id).Order()];

    private static async Task ScaleAsync(MasterProcess master, int signal, string says)
    {
        master.Signal(signal);
        await master.SaysAsync(says);
        if (signal == SIGTTIN)
        {
            await master.SaysAsync($"WorkerReady {says.Split(' ')[1]}");
        }
    }

    private static async Task StopAsync(MasterProcess master)
    {
        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }
}
