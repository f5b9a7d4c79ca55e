using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

/// <summary>Connections that are on their way to a worker which ends before it has received them.</summary>
[Collection("Pools")]
public class PassingTests
{
    private const string NotReceived = "had not received";

    [Fact]
    public async Task Connections_that_a_killed_worker_had_not_received_are_served_by_another()
    {
        await using TestPool pool = await TestPool.StartAsync(WithShortDeadlines);
        using ClientGroup waiting = await PassToFrozenAsync(pool);

        Machine.Kill(pool.ProcessOf(0));

        Assert.Equal(waiting.Clients.Count, (await waiting.ReceiveAsync()).Length);
        await pool.WaitForAsync(IsPassedAgain, "connections are passed again");
    }

    [Fact]
    public async Task With_no_other_worker_they_wait_for_the_next_one()
    {
        await using TestPool pool = await TestPool.StartAsync(WithShortDeadlines);
        await Machine.FreezeAsync(pool.ProcessOf(1));
        using ClientGroup waiting = await PassToFrozenAsync(pool);

        Machine.Kill(pool.ProcessOf(0));
        Machine.Kill(pool.ProcessOf(1));

        Assert.All(await waiting.ReceiveAsync(), answer => Assert.Equal(2, answer.Generation));
        await pool.WaitForAsync(IsPassedAgain, "connections are passed again");
    }

    [Fact]
    public async Task A_worker_that_an_operator_terminates_serves_what_it_finds_and_the_rest_goes_to_others()
    {
        await using TestPool pool = await TestPool.StartAsync(WithShortDeadlines);
        using ClientGroup waiting = await PassToFrozenAsync(pool);
        using WatchedProcess worker = WatchedProcess.Watch([pool.ProcessOf(0)])[0];

        worker.Signal(SIGTERM);
        Machine.Thaw(worker.Id);

        Assert.Equal(waiting.Clients.Count, (await waiting.ReceiveAsync()).Length);
        waiting.Dispose();
        PoolEvent exit = await pool.WaitForAsync(happened => happened.Kind == PoolEventKind.WorkerExited && happened.ProcessId == worker.Id, "its exit");
        Assert.Equal(0, exit.Exit!.Value.Code);
    }

    [Fact]
    public async Task A_worker_that_drains_by_itself_is_passed_nothing_more()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: false, "serve");
        using Client live = await worker.ConnectAsync();
        await live.AskAsync();
        worker.Process.Signal(SIGTERM);
        SendResult result;
        using Descriptor descriptor = new(SystemCall.Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
        do
        {
            result = worker.Process.Pass(0, descriptor);
            await Task.Delay(5);
        }
        while (result == SendResult.Sent);

        Assert.Equal(SendResult.Gone, result);
        Assert.Equal("lone", (await live.AskAsync()).Label);
        live.EndSending();
        Assert.Equal(0, (await worker.ExitAsync()).Code);
    }

    private static bool IsPassedAgain(PoolEvent happened) =>
        happened.Kind == PoolEventKind.ConnectionsPassed && happened.Message.Contains(NotReceived, StringComparison.Ordinal);

    /// <summary>
    /// Clients wait at slot 2, which goes; the master passes their connections to those that stay, and the worker of slot
    /// 0 does not receive them, because it is frozen.
    /// </summary>
    private static async Task<ClientGroup> PassToFrozenAsync(TestPool pool)
    {
        await Machine.FreezeAsync(pool.ProcessOf(0));
        await Machine.FreezeAsync(pool.ProcessOf(2));
        ClientGroup waiting = await ClientGroup.AskAsync(pool, 90);
        (await pool.Master.ScaleAsync(2)).EnsureDone();
        await pool.WaitForAsync(PoolEventKind.ConnectionsPassed, 2);
        return waiting;
    }

    private static void WithShortDeadlines(PoolOptions options)
    {
        options.WorkerCount = 3;
        options.DrainDeadline = TimeSpan.FromSeconds(1);
        options.StopGrace = TimeSpan.FromMilliseconds(200);
        options.KillGrace = TimeSpan.FromMilliseconds(200);
    }
}
