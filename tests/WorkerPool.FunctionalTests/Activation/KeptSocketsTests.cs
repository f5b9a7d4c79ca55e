using System.Net;
using System.Net.Sockets;
using WorkerPool.FunctionalTests.Sockets;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using WorkerPool.Sockets.Activation;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Activation;

/// <summary>Real masters, one after the other, and a service manager that keeps their sockets in between.</summary>
[Collection("Pools")]
public sealed class KeptSocketsTests : IDisposable
{
    private readonly FakeDescriptorStore _store = new();

    private readonly MasterProcess.Setup _serving = new("serve") { Role = "signal-master", WorkerCount = 3, Address = Peer.UniqueAddress(Peer.UniquePort()) };

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task What_waits_in_the_queues_of_all_slots_is_served_after_a_crash()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        Assert.Equal(
            Enumerable.Range(0, 3).Select(slot => $"FDSTORE=1 FDPOLL=0 FDNAME=workerpool.main.{slot}"), _store.Messages);
        Assert.Equal(first.Workers.Select(InodeOf), Names(3).Select(name => _store.Kept[name]));

        await Task.WhenAll(first.Workers.Select(Machine.FreezeAsync));
        Client[] waiting = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => first.ConnectAsync()));
        await CrashAsync(first);
        Assert.All(Names(3), name => Assert.NotEqual(0, Waiting(name)));

        await using MasterProcess second = await UpAsync(_serving);
        Assert.Equal(Names(3).Select(name => _store.Kept[name]), second.Workers.Select(InodeOf));
        foreach (Client client in waiting)
        {
            using (client)
            {
                Assert.Equal("waited", (await client.AskAsync("waited")).Line);
            }
        }

        Assert.Equal(3, _store.Messages.Count); // nothing new had to be kept
        await EndAsync(second);
    }

    [Fact]
    public async Task A_restart_under_load_loses_nobody()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        await using Load load = Load.Start(first);
        await load.ForAsync(50);
        await EndAsync(first);
        await load.ForAsync(50); // while nobody is there
        await using MasterProcess second = await UpAsync(_serving);
        second.Signal(SIGHUP);
        await second.SaysAsync("RolloutEnded");
        await load.EndWithoutLossAsync();
        await EndAsync(second);
    }

    [Fact]
    public async Task A_slot_that_is_gone_is_kept_no_more_and_listens_no_more_and_one_that_comes_is_kept()
    {
        await using MasterProcess master = await UpAsync(_serving, "RetiredSocketLinger=100");
        await _store.WhenKeptAsync(Names(3));
        using Descriptor last = PassedSocket.CopyOf(_store.Find(Names(3)[2]), "last");
        await using Load load = Load.Start(master);

        master.Signal(SIGTTOU);
        await _store.WhenKeptAsync(Names(2));
        Assert.Equal(0, SocketOption.Get(last, SOL_SOCKET, SO_ACCEPTCONN, nameof(SO_ACCEPTCONN)));
        await load.ForAsync(50);

        await master.SaysAsync("CommandEnded   The pool has 2");
        master.Signal(SIGTTIN);
        await master.SaysAsync("CommandEnded   The pool has 3");
        await _store.WhenKeptAsync(Names(3));
        await load.ForAsync(50);
        master.Signal(SIGHUP);
        await master.SaysAsync("RolloutEnded");
        await load.EndWithoutLossAsync();
        await EndAsync(master);
    }

    [Fact]
    public async Task More_sockets_than_slots_lose_nobody_and_are_kept_no_more()
    {
        await using MasterProcess first = await UpAsync(_serving with { WorkerCount = 5 });
        await _store.WhenKeptAsync(Names(5));
        await Task.WhenAll(first.Workers.Select(Machine.FreezeAsync));
        Client[] waiting = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => first.ConnectAsync()));
        await CrashAsync(first);

        await using MasterProcess second = await UpAsync(_serving with { WorkerCount = 2 }, "RetiredSocketLinger=2000");
        foreach (Client client in waiting)
        {
            using (client)
            {
                Assert.Equal("waited", (await client.AskAsync("waited")).Line);
            }
        }

        await _store.WhenKeptAsync(Names(2));
        await EndAsync(second);
    }

    [Fact]
    public async Task A_pool_that_listens_elsewhere_now_closes_what_was_kept_for_everybody()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        await CrashAsync(first);

        await using MasterProcess second = await UpAsync(_serving with { Address = Peer.UniqueAddress(Peer.UniquePort()) });
        Assert.Equal(3, second.Said.Count(line => line.Contains("is not used", StringComparison.Ordinal) && line.Contains("is to listen on", StringComparison.Ordinal)));
        await Machine.UntilAsync(() => _store.Kept.Values.SequenceEqual(second.Workers.Select(InodeOf)), "the new sockets are kept");
        await Assert.ThrowsAsync<SocketException>(() => Client.ConnectAsync(first.EndPoint));
        await EndAsync(second);
    }

    [Fact]
    public async Task Without_the_option_what_was_kept_is_closed_for_everybody()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        await CrashAsync(first);

        await using MasterProcess second = await MasterProcess.UpAsync(_serving, _store.Pass(), "env", $"NOTIFY_SOCKET={_store.Address}");
        Assert.Equal(3, second.Said.Count(line => line.Contains("Systemd.KeepSockets is off now.", StringComparison.Ordinal)));
        await _store.WhenKeptAsync();
        Assert.Equal("hello", (await ActivationTests.AskAsync(second)).Line);
        await EndAsync(second);
    }

    [Fact]
    public async Task One_that_the_manager_had_lost_leaves_no_gap()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        await CrashAsync(first);
        IReadOnlyDictionary<string, ulong> before = _store.Kept;
        _store.Drop(Names(3)[1]);

        await using MasterProcess second = await UpAsync(_serving);
        Assert.Equal([before[Names(3)[0]], before[Names(3)[2]]], second.Workers.Take(2).Select(InodeOf));
        await Machine.UntilAsync(() => Names(3).Select(name => _store.Kept.GetValueOrDefault(name)).SequenceEqual(second.Workers.Select(InodeOf)), "each is kept under the name of its slot");
        await using Load load = Load.Start(second);
        second.Signal(SIGHUP);
        await second.SaysAsync("RolloutEnded");
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        await EndAsync(second);
    }

    [Fact]
    public async Task One_that_still_listens_and_did_not_come_back_is_an_error()
    {
        await using MasterProcess first = await UpAsync(_serving);
        await _store.WhenKeptAsync(Names(3));
        await CrashAsync(first);
        PassedByManager passed = _store.Pass();
        await using MasterProcess second = MasterProcess.Start(
            _serving, passed with { Sockets = [.. passed.Sockets.Where(socket => socket.Name != Names(3)[1])] }, "env", $"NOTIFY_SOCKET={_store.Address}", "TEST_POOL=KeepSockets");
        Assert.Contains("nobody knows the order", await second.SaysAsync("failed: "), StringComparison.Ordinal);
        Assert.Equal(1, await second.ExitAsync());
    }

    [Fact]
    public async Task With_socket_activation_the_units_socket_stays_the_first()
    {
        MasterProcess.Setup activated = _serving with { Address = "systemd:web" };
        using ManagerSocket unit = ManagerSocket.Tcp(reusePort: true);
        await using MasterProcess first = await UpAsync(activated, "", ("web", unit));
        await _store.WhenKeptAsync(Names(3));
        Assert.Equal(unit.Inode, _store.Kept[Names(3)[0]]);
        await CrashAsync(first);

        await using (MasterProcess second = await UpAsync(activated, "", ("web", unit)))
        {
            Assert.Equal(Names(3).Select(name => _store.Kept[name]), second.Workers.Select(InodeOf));
            await using Load load = Load.Start(second);
            second.Signal(SIGHUP);
            await second.SaysAsync("RolloutEnded");
            await load.ForAsync(50);
            await load.EndWithoutLossAsync();
            await CrashAsync(second);
        }

        // The unit was restarted: its new socket is the last of the group, behind those that were kept.
        using ManagerSocket anew = ManagerSocket.Tcp(reusePort: true, unit.Address);
        unit.Dispose();
        await using MasterProcess third = await UpAsync(activated, "", ("web", anew));
        Assert.Equal(anew.Inode, InodeOf(third.Workers[0]));
        Assert.Equal(3, third.Said.Count(line => line.Contains("has opened the first socket of the endpoint anew", StringComparison.Ordinal)));
        await Machine.UntilAsync(() => Names(3).Select(name => _store.Kept.GetValueOrDefault(name)).SequenceEqual(third.Workers.Select(InodeOf)), "the new ones are kept");
        await EndAsync(third);
        Assert.NotEqual(0, SocketOption.Get(anew, SOL_SOCKET, SO_ACCEPTCONN, nameof(SO_ACCEPTCONN)));
    }

    [Fact]
    public async Task Without_a_manager_or_with_one_that_keeps_too_little_it_says_so()
    {
        await using (MasterProcess alone = await MasterProcess.UpAsync(_serving, "env", "TEST_POOL=KeepSockets"))
        {
            Assert.Contains(alone.Said, line => line.Contains("NOTIFY_SOCKET is not set", StringComparison.Ordinal));
            await EndAsync(alone);
        }

        await using MasterProcess master = await MasterProcess.UpAsync(
            _serving, "env", $"NOTIFY_SOCKET={_store.Address}", "FDSTORE=2", "TEST_POOL=KeepSockets");
        Assert.Single(master.Said, line => line.Contains("raise FileDescriptorStoreMax=", StringComparison.Ordinal));
        await EndAsync(master);
    }

    [Fact]
    public async Task Sockets_whose_order_has_changed_are_kept_no_more()
    {
        LogBook log = new();
        using PoolSockets sockets = Open(new PassedSockets(), log);
        await _store.WhenKeptAsync(Names(3));
        Assert.Equal(0, shutdown(sockets.Endpoints[0].Get(1).Number, SHUT_RDWR));
        Assert.NotEmpty(sockets.Heal(1).ToArray());
        await _store.WhenKeptAsync();
        Assert.Contains("changed their order", log.Text, StringComparison.Ordinal);
        sockets.GrowTo(4);
        Assert.DoesNotContain(_store.Messages, message => message.EndsWith(".3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_that_had_ceased_to_listen_is_opened_anew_and_the_others_are_steered_only_if_their_order_is_known(int dead)
    {
        KernelSteering.Require();
        PassedSockets passed = new();
        ulong[] before;
        using (PoolSockets sockets = Open(passed, new LogBook()))
        {
            await _store.WhenKeptAsync(Names(3));
            before = [.. Peer.All(sockets.Endpoints[0]).Select(socket => socket.Inode)];
            Assert.Equal(0, shutdown(sockets.Endpoints[0].Get(dead).Number, SHUT_RDWR));
        }

        LogBook log = new();
        using PoolSockets again = Open(passed, log);
        Assert.Equal(before.Where((_, slot) => slot != dead), Peer.All(again.Endpoints[0]).Take(2).Select(socket => socket.Inode));
        Assert.Contains("does not listen", log.Text, StringComparison.Ordinal);
        bool isLast = dead == 2;
        Assert.Equal(isLast, again.Steer([0, 0, 1]) is null);
        if (isLast)
        {
            Assert.Equal([2], Peer.Spread(Peer.All(again.Endpoints[0]), 10).Keys);
            await _store.WhenKeptAsync(Names(3));
        }
        else
        {
            await _store.WhenKeptAsync();
        }
    }

    [Fact]
    public async Task Another_pool_of_the_same_process_goes_on_with_them()
    {
        PassedSockets passed = new();
        ulong[] before;
        using (PoolSockets sockets = Open(passed, new LogBook()))
        {
            await _store.WhenKeptAsync(Names(3));
            before = [.. Peer.All(sockets.Endpoints[0]).Select(socket => socket.Inode)];
            Assert.Contains("only one can", Assert.Throws<IOException>(() => Open(passed, new LogBook())).Message, StringComparison.Ordinal);
        }

        using PoolSockets again = Open(passed, new LogBook());
        Assert.Equal(before, Peer.All(again.Endpoints[0]).Select(socket => socket.Inode));
    }

    private PoolSockets Open(PassedSockets passed, LogBook log)
    {
        Environment.SetEnvironmentVariable(NotifyAddress.Variable, _store.Address);
        try
        {
            return PoolSockets.Open(
                [ListenEndpoint.Parse("main", _serving.Address)], 3, log.CreateLogger("test"), steering: !Steering.IsOff, passed, keep: true);
        }
        finally
        {
            Environment.SetEnvironmentVariable(NotifyAddress.Variable, null);
        }
    }

    private static string[] Names(int slots) => [.. Enumerable.Range(0, slots).Select(slot => StoredName.Of("main", slot))];

    private int Waiting(string name) => AcceptQueue.TryRead(_store.Find(name), out int length, out _) ? length : 0;

    private static ulong InodeOf(int worker) => ActivationTests.InodeOf(worker, descriptor: 3);

    private Task<MasterProcess> UpAsync(MasterProcess.Setup setup, string more = "", params (string Name, Descriptor Socket)[] ofUnits) =>
        MasterProcess.UpAsync(setup, _store.Pass(ofUnits), "env", $"NOTIFY_SOCKET={_store.Address}", $"TEST_POOL=KeepSockets;{more}");

    private static Task EndAsync(MasterProcess master) => ActivationTests.EndAsync(master);

    /// <summary>As when the master is killed, and the service manager then kills what is left of the service.</summary>
    private static async Task CrashAsync(MasterProcess master)
    {
        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        master.Signal(SIGKILL);
        await master.ExitAsync();
        foreach (WatchedProcess worker in workers)
        {
            using (worker)
            {
                worker.Signal(SIGKILL);
                await worker.ExitAsync();
            }
        }
    }
}
