using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Activation;

/// <summary>A real master whose sockets a service manager has opened.</summary>
[Collection("Pools")]
public sealed class ActivationTests
{
    private static readonly MasterProcess.Setup Serving = new("serve") { Role = "signal-master", WorkerCount = 3, Address = "systemd:web" };

    [Fact]
    public async Task A_socket_with_reuseport_is_that_of_slot_0_and_the_others_join_its_group()
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("web", socket)));

        Assert.Equal(socket.Address, master.EndPoint);
        ulong[] listeners = [.. master.Workers.Select(worker => InodeOf(worker, descriptor: 3))];
        Assert.Equal(socket.Inode, listeners[0]);
        Assert.Equal(3, listeners.Distinct().Count());
        Assert.Equal([0, 1, 2], await WhoAnswersAsync(master, slots: 3));
        Assert.DoesNotContain(master.Said, line => line.Contains("not steered", StringComparison.Ordinal));
        await EndAsync(master);
    }

    [Fact]
    public async Task From_a_socket_without_reuseport_all_slots_accept_and_that_is_said_once()
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: false);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("web", socket)));

        Assert.All(master.Workers, worker => Assert.Equal(socket.Inode, InodeOf(worker, descriptor: 3)));
        master.Signal(SIGHUP);
        await master.SaysAsync("RolloutEnded");
        Assert.Single(master.Said, line => line.Contains("not steered. ReusePort=yes", StringComparison.Ordinal));
        Assert.Equal("hello", (await AskAsync(master)).Line);
        await EndAsync(master);
    }

    [Fact]
    public async Task A_Unix_socket_is_shared_and_its_file_stays_the_managers()
    {
        using RunDirectory directory = new();
        using ManagerSocket socket = ManagerSocket.Unix(directory.File("web.sock"));
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("web", socket)));

        Assert.All(master.Workers, worker => Assert.Equal(socket.Inode, InodeOf(worker, descriptor: 3)));
        Assert.Equal("hello", (await AskAsync(master)).Line);
        await EndAsync(master);
        Assert.True(File.Exists(directory.File("web.sock")));
    }

    [Fact]
    public async Task A_worker_has_its_own_descriptors_and_variables_and_nothing_of_what_was_passed()
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        using ManagerSocket unused = ManagerSocket.Tcp(reusePort: false);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("other", unused), ("web", socket)));

        foreach (int worker in master.Workers)
        {
            string[] environment = Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"/proc/{worker}/environ")).Split('\0');
            Assert.Equal(["LISTEN_FDNAMES=main", "LISTEN_FDS=1"], environment.Where(one => one.StartsWith("LISTEN_", StringComparison.Ordinal)).Order());
            Assert.DoesNotContain(unused.Inode, SocketsOf(worker));
        }

        Assert.DoesNotContain(socket.Inode, SocketsOf(master.Workers[1]));
        Assert.Contains(master.Said, line => line.Contains("1 socket(s) named \"other\", which no endpoint of this pool uses", StringComparison.Ordinal));
        await EndAsync(master);
    }

    [Fact]
    public async Task Several_sockets_of_a_name_are_those_of_the_first_slots()
    {
        using ManagerSocket first = ManagerSocket.Tcp(reusePort: true);
        using ManagerSocket second = ManagerSocket.Tcp(reusePort: true, first.Address);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("web", first), ("web", second)));

        Assert.Equal([first.Inode, second.Inode], master.Workers.Take(2).Select(worker => InodeOf(worker, descriptor: 3)));
        Assert.Equal([0, 1, 2], await WhoAnswersAsync(master, slots: 3));
        await EndAsync(master);
    }

    [Fact]
    public async Task Sockets_beyond_the_slots_lose_nobody()
    {
        List<ManagerSocket> sockets = [ManagerSocket.Tcp(reusePort: true)];
        try
        {
            sockets.AddRange(Enumerable.Range(0, 5).Select(_ => ManagerSocket.Tcp(reusePort: true, sockets[0].Address)));

            // What waits already, in all of them, comes first.
            Client[] early = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Client.ConnectAsync(sockets[0].Address)));
            Assert.All(sockets, socket => Assert.NotEqual(0, socket.CountWaiting));
            await using MasterProcess master = await MasterProcess.UpAsync(
                Serving with { WorkerCount = 2 }, new PassedByManager([.. sockets.Select(socket => ("web", (Descriptor)socket))]));
            foreach (Client client in early)
            {
                using (client)
                {
                    Assert.Equal("early", (await client.AskAsync("early")).Line);
                }
            }

            await using Load load = Load.Start(master);
            await load.ForAsync(100);
            await load.EndWithoutLossAsync();
            await EndAsync(master);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rollouts_and_scaling_under_load_lose_nobody(bool reusePort)
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, new PassedByManager(("web", socket)));
        await using Load load = Load.Start(master);
        await load.ForAsync(50);
        foreach ((int signal, string end) in ((int, string)[])
            [(SIGHUP, "RolloutEnded"), (SIGTTIN, PoolHas(4)), (SIGHUP, "RolloutEnded"), (SIGTTOU, PoolHas(3)), (SIGTTOU, PoolHas(2)), (SIGTTIN, PoolHas(3))])
        {
            master.Signal(signal);
            await master.SaysAsync(end);
            await load.ForAsync(30);
        }

        await load.EndWithoutLossAsync();
        await EndAsync(master);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_under_load_loses_nobody(bool reusePort)
    {
        if (reusePort)
        {
            KernelSteering.Require();
        }

        using ManagerSocket socket = ManagerSocket.Tcp(reusePort);
        PassedByManager passed = new(("web", socket));
        await using MasterProcess first = await MasterProcess.UpAsync(Serving, passed);
        await using Load load = Load.Start(first);
        await load.ForAsync(50);
        await EndAsync(first);
        await load.ForAsync(50); // while nobody is there
        await using MasterProcess second = await MasterProcess.UpAsync(Serving, passed);
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        await EndAsync(second);
    }

    [Fact]
    public async Task The_generic_host_takes_the_address_from_its_configuration()
    {
        using RunDirectory directory = new();
        await File.WriteAllTextAsync(directory.File("pool.json"), """{"WorkerPool":{"Endpoints":{"main":{"Address":"systemd:web"}}}}""");
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        MasterProcess master;
        using (PassedByManager.Inheritable inheritable = new PassedByManager(("web", socket)).Inherit())
        {
            master = MasterProcess.StartProgram(["hosted", directory.File("pool.json")], inheritable.Wrapper);
        }

        await using (master)
        {
            await master.BeUpAsync(2);
            Assert.Equal(socket.Address, master.EndPoint);
            Assert.Equal([0, 1], await WhoAnswersAsync(master, slots: 2));
            await EndAsync(master);
        }
    }

    [Fact]
    public async Task Without_names_all_are_unknown()
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        await using MasterProcess master = await MasterProcess.UpAsync(
            Serving with { Address = "systemd:unknown" }, new PassedByManager(("web", socket)) { HasNames = false });
        Assert.Equal(socket.Address, master.EndPoint);
        await EndAsync(master);
    }

    private static string PoolHas(int workers) => $"CommandEnded   The pool has {workers} workers";

    internal static async Task EndAsync(MasterProcess master)
    {
        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }

    internal static async Task<Answer> AskAsync(MasterProcess master)
    {
        using Client client = await master.ConnectAsync();
        return await client.AskAsync();
    }

    /// <summary>Asks until so many slots have answered.</summary>
    internal static async Task<IEnumerable<int>> WhoAnswersAsync(MasterProcess master, int slots)
    {
        HashSet<int> answered = [];
        for (int i = 0; i < 1000 && answered.Count < slots; i++)
        {
            answered.Add((await AskAsync(master)).Slot);
        }

        return answered.Order();
    }

    internal static ulong InodeOf(int process, int descriptor) =>
        Inode(new FileInfo($"/proc/{process}/fd/{descriptor}").LinkTarget) ?? throw new InvalidOperationException("It is no socket.");

    private static IEnumerable<ulong> SocketsOf(int process) =>
        Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(file => Inode(new FileInfo(file).LinkTarget)).OfType<ulong>();

    private static ulong? Inode(string? link) =>
        link is not null && link.StartsWith("socket:[", StringComparison.Ordinal) ? ulong.Parse(link[8..^1], CultureInfo.InvariantCulture) : null;
}
