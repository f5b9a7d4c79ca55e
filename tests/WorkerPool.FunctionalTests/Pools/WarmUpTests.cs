using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

/// <summary>What a worker does before it says that it is ready.</summary>
[Collection("Pools")]
public class WarmUpTests
{
    private const int NotWarm = 70;

    [Fact]
    public async Task A_worker_serves_itself_before_it_serves_a_client()
    {
        await using LoneWorker worker = LoneWorker.Start(hold: false, "warm-up", "50");
        using Client client = await worker.ConnectAsync();
        Answer answer = await client.AskAsync();

        Assert.Equal(("lone", worker.Process.ProcessId), (answer.Label, answer.Process));
        await Machine.UntilAsync(() => worker.Report == (1, 1), "it reports the client, and none of its own connections");
        client.EndSending();
        Assert.True(await client.IsEndedAsync());
        worker.Process.Drain(TimeSpan.FromSeconds(20), takeQueue: false);
        Assert.Equal(0, (await worker.ExitAsync()).Code);
    }

    [Fact]
    public async Task Every_kind_of_endpoint_can_be_warmed_up_and_every_replacement_is()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Release = TestPool.Release("v1", "warm-up", "5");
            options.Listen(TestPool.Endpoint, "127.0.0.1:0");
            options.Listen("wide", "*:0");
            options.Listen("name", $"unix:@workerpool-{Guid.NewGuid():N}");
        });
        await using Load load = Load.Start(pool);
        foreach (ReplaceOrder order in Enum.GetValues<ReplaceOrder>())
        {
            (await pool.Master.ReplaceAsync(0, order: order)).EnsureDone();
            (await pool.Master.ReplaceAsync(1, order: order)).EnsureDone();
        }

        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task A_warm_up_that_fails_fails_the_replacement_and_its_message_is_the_last_line()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);

        Verdict verdict = await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "warm-up-fails"));

        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Equal(NotWarm, verdict.Exit!.Value.Code);
        Assert.Equal("WorkerPool: The warm-up failed: the upstream is not there.", verdict.LastErrorLines[^1]);
        Assert.Contains(verdict.LastErrorLines, line => line.Contains("WarmUp.FailAsync", StringComparison.Ordinal)); // where it was
        Assert.Equal("v1", (await pool.AskAsync()).Label);
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("stop")]
    [InlineData("signal")]
    public async Task A_worker_that_has_to_go_while_it_warms_up_goes_in_peace(string how)
    {
        await using LoneWorker worker = LoneWorker.Start(hold: false, "warm-up-hangs");
        await Machine.UntilAsync(() => worker.Report == (1, 0), "its own connection is live");
        switch (how)
        {
            case "drain":
                worker.Process.Drain(TimeSpan.FromSeconds(20), takeQueue: false);
                break;
            case "stop":
                worker.Process.Stop();
                break;
            default:
                worker.Process.Signal(SIGTERM);
                break;
        }

        Assert.Equal(0, (await worker.ExitAsync()).Code);
        Assert.Empty(worker.LastErrorLines);
    }
}
