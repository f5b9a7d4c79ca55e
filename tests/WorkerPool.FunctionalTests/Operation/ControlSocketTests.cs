using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>The socket itself: who may use it, what its lines are, and what clients that go away leave behind.</summary>
[Collection("Pools")]
public sealed partial class ControlSocketTests
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task The_file_is_its_owners_alone_whatever_the_umask_is_and_goes_with_the_pool()
    {
        string path;
        uint before = SetMask(0);
        try
        {
            await using OperatedPool operated = await OperatedPool.StartAsync();
            path = operated.Path;
            Assert.Equal(Owner, File.GetUnixFileMode(path));
        }
        finally
        {
            _ = SetMask(before);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_group_may_be_let_in()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync(options => options.ControlGroup = GroupOfThisProcess());
        Assert.Equal(Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(operated.Path));
        Assert.Equal(2, (await (await operated.ClientAsync()).GetStatusAsync(TestContext.Current.CancellationToken)).ReadyCount);
    }

    [Fact]
    public async Task A_group_that_does_not_exist_is_refused_before_anything_is_started()
    {
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(() => OperatedPool.StartAsync(options => options.ControlGroup = "no-such-group"));
        Assert.Contains("no-such-group", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_master_keeps_its_socket_and_a_dead_ones_is_taken_over()
    {
        using RunDirectory directory = new();
        string path = directory.File("control.sock");
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, default))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path)); // .NET removes the file, if it is told to; this one stays
            File.Move(path, path + "1");
        }

        File.Move(path + "1", path);
        await using (TestPool first = await TestPool.StartAsync(options => (options.WorkerCount, options.ControlPath) = (1, path)))
        {
            SystemCallException taken = await Assert.ThrowsAsync<SystemCallException>(
                () => TestPool.StartAsync(options => (options.WorkerCount, options.ControlPath) = (1, path)));
            Assert.Equal("EADDRINUSE", taken.ErrorName);
            Assert.Equal(1, (await (await ControlClient.ConnectAsync(path)).GetStatusAsync()).ReadyCount);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void The_kernel_says_who_is_at_the_other_end()
    {
        (Socket one, Socket other) = Pair();
        using (one)
        using (other)
        {
            Peer peer = Peer.Of(one);
            Assert.Equal((Environment.ProcessId, (uint)Tmds.Linux.LibC.geteuid()), (peer.Process, peer.User));
            Assert.Contains(uint.Parse(GroupOfThisProcess(), System.Globalization.CultureInfo.InvariantCulture), peer.Groups);
        }
    }

    [Fact]
    public async Task Several_requests_go_over_one_connection_one_after_the_other_and_each_has_one_verdict()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using RawOperator client = operated.Connect();
        await client.SendAsync("{\"verb\":\"status\"}\n\n{\"verb\":\"drain\",\"slot\":9}\nnonsense\n{\"verb\":\"hello\"}");
        client.EndSending();
        (JsonElement verdict, List<JsonElement> before) = await client.VerdictAsync();
        Assert.Equal("done", verdict.GetProperty("outcome").GetString());
        Assert.Equal(2, Assert.Single(before).GetProperty("status").GetProperty("readyCount").GetInt32());
        Assert.Equal("noSuchSlot", (await client.VerdictAsync()).Verdict.GetProperty("reason").GetString());
        Assert.Equal("invalidArgument", (await client.VerdictAsync()).Verdict.GetProperty("reason").GetString());
        Assert.Equal(1, Assert.Single((await client.VerdictAsync()).Before).GetProperty("hello").GetProperty("version").GetInt32());
        Assert.Null(await client.ReadAsync());
    }

    [Fact]
    public async Task A_command_goes_on_when_its_client_goes_away()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using (RawOperator client = operated.Connect())
        {
            await client.SendAsync($$"""{"verb":"roll","plan":{{Plan("v2", "slow-start", "300")}}}""");
            Assert.Equal("rolloutBegan", (await client.ReadAsync())!.Value.GetProperty("event").GetProperty("kind").GetString());
        }

        PoolEvent ended = await operated.Pool.WaitForAsync(PoolEventKind.RolloutEnded);
        Assert.Equal(Outcome.Done, ended.Verdict!.Outcome);
        Assert.All(operated.Pool.Status.Slots, slot => Assert.Equal("v2", slot.Label));
    }

    [Fact]
    public async Task A_line_that_is_complete_is_done_even_if_its_client_hung_up_at_once()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using (RawOperator client = operated.Connect())
        {
            await client.SendAsync("""{"verb":"suspend-respawn"}""");
        }

        await operated.Pool.WaitForAsync(PoolEventKind.RespawnSuspended);
    }

    [Fact]
    public async Task A_rollout_is_given_up_with_its_client_if_that_was_asked_for()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using (RawOperator client = operated.Connect())
        {
            await client.SendAsync($$"""{"verb":"roll","abortOnDisconnect":true,"plan":{{Plan("v2", "slow-start", "20000")}}}""");
            Assert.Equal("rolloutBegan", (await client.ReadAsync())!.Value.GetProperty("event").GetProperty("kind").GetString());
            client.EndSending(); // this is no disconnect
            await operated.Pool.WaitForAsync(PoolEventKind.WorkerSpawned);
        }

        PoolEvent ended = await operated.Pool.WaitForAsync(PoolEventKind.RolloutEnded);
        Assert.Equal((Outcome.RolledBack, VerdictReason.Aborted), (ended.Verdict!.Outcome, ended.Verdict.Reason));
        Assert.All(operated.Pool.Status.Slots, slot => Assert.Equal("v1", slot.Label));
    }

    [Fact]
    public async Task A_clients_end_does_not_abort_the_rollout_of_another()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        Task<Verdict> rolling = operated.Pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "slow-start", "500")) { Bake = TimeSpan.Zero });
        await operated.Pool.WaitForAsync(PoolEventKind.RolloutBegan);
        using (RawOperator client = operated.Connect())
        {
            JsonElement refused = await client.AskAsync($$"""{"verb":"roll","abortOnDisconnect":true,"plan":{{Plan("v3", "serve")}}}""");
            Assert.Equal("busy", refused.GetProperty("reason").GetString());
        }

        Assert.Equal(Outcome.Done, (await rolling).Outcome);
    }

    [Fact]
    public async Task The_one_who_stops_the_pool_gets_the_verdict()
    {
        OperatedPool operated = await OperatedPool.StartAsync();
        using RawOperator client = operated.Connect();
        await client.SendAsync("""{"verb":"stop"}""");
        await operated.Pool.WaitForAsync(PoolEventKind.PoolStopping);
        await operated.DisposeAsync();
        Assert.Equal("done", await client.OutcomeAsync());
        Assert.Null(await client.ReadAsync());
    }

    private static string Plan(string label, params string[] behaviour) =>
        $$"""{"release":{"executable":"{{TestPool.WorkerProgram}}","arguments":["{{string.Join("\",\"", behaviour)}}"],"label":"{{label}}"},"bake":0}""";

    private static string GroupOfThisProcess() => Convert.ToString((uint)Tmds.Linux.LibC.getegid(), System.Globalization.CultureInfo.InvariantCulture);

    private static (Socket One, Socket Other) Pair()
    {
        using RunDirectory directory = new();
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, default);
        listener.Bind(new UnixDomainSocketEndPoint(directory.File("pair")));
        listener.Listen();
        Socket one = new(AddressFamily.Unix, SocketType.Stream, default);
        one.Connect(new UnixDomainSocketEndPoint(directory.File("pair")));
        return (listener.Accept(), one);
    }

    [LibraryImport("libc.so.6", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
