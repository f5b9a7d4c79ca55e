using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

/// <summary>When a worker takes from the queues of its listeners, and when it does not yet.</summary>
[Collection("Pools")]
public class HoldTests
{
    [Fact]
    public async Task A_worker_that_is_held_serves_what_is_passed_and_leaves_the_queue_until_it_may_accept()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: true, "serve");
        using Client queued = await worker.ConnectAsync();
        await queued.SendAsync("queued");
        for (int i = 0; i < 20; i++)
        {
            using Client passed = await worker.PassAsync();
            Assert.Equal("lone", (await passed.AskAsync()).Label);
        }

        Assert.Equal(1, worker.Waiting);
        worker.Process.Accept();
        Assert.Equal("queued", (await queued.ReceiveAsync()).Line);
        using Client later = await worker.ConnectAsync();
        Assert.Equal("lone", (await later.AskAsync()).Label);
    }

    [Fact]
    public async Task A_worker_takes_nothing_from_the_queue_before_it_is_ready()
    {
        await using LoneWorker worker = LoneWorker.Start(hold: false, "ready-after-passed");
        using Client queued = await worker.ConnectAsync();
        await queued.SendAsync("queued");
        using (Client passed = await worker.PassAsync())
        {
            for (int i = 0; i < 20; i++)
            {
                await passed.AskAsync(); // its accept loop runs, and it is not ready
            }

            Assert.Equal(1, worker.Waiting);
        }

        Assert.Equal("queued", (await queued.ReceiveAsync()).Line); // the end of the passed one makes it ready
    }

    [Fact]
    public async Task To_be_allowed_before_it_is_ready_does_not_make_a_worker_accept()
    {
        await using LoneWorker worker = LoneWorker.Start(hold: true, "ready-after-passed");
        using Client queued = await worker.ConnectAsync();
        await queued.SendAsync("queued");
        using (Client passed = await worker.PassAsync())
        {
            await passed.AskAsync(); // it has said hello, so it does not hear this before the welcome
            worker.Process.Accept();
            await passed.AskAsync();
            Assert.Equal(1, worker.Waiting);
        }

        Assert.Equal("queued", (await queued.ReceiveAsync()).Line);
    }

    [Fact]
    public async Task To_be_allowed_without_having_been_held_is_harmless()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: false, "serve");
        worker.Process.Accept();
        worker.Process.Accept();

        using Client client = await worker.ConnectAsync();

        Assert.Equal("lone", (await client.AskAsync()).Label);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_held_worker_that_drains_takes_the_queue_only_if_it_shall(bool takeQueue)
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: true, "serve");
        using Client queued = await worker.ConnectAsync();
        await queued.SendAsync("queued");
        worker.Process.Drain(TimeSpan.FromSeconds(20), takeQueue);
        if (takeQueue)
        {
            Assert.Equal("queued", (await queued.ReceiveAsync()).Line);
            queued.EndSending();
        }

        Assert.Equal(0, (await worker.ExitAsync()).Code);
        Assert.Equal(takeQueue ? 0 : 1, worker.Waiting);
    }

    [Fact]
    public async Task A_held_worker_that_is_stopped_exits()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: true, "serve");
        using Client queued = await worker.ConnectAsync();
        using Client passed = await worker.PassAsync();
        await passed.AskAsync();

        worker.Process.Stop();

        Assert.Equal(0, (await worker.ExitAsync()).Code);
        Assert.Equal(1, worker.Waiting);
    }
}
