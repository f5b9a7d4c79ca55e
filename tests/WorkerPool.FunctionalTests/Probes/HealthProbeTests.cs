using System.Text;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Probes;

[Collection("Pools")]
public class HealthProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HealthProbe Connect = Once(HealthProbe.Tcp(TestPool.Endpoint));
    private static readonly HealthProbe Ask = Once(HealthProbe.Tcp(TestPool.Endpoint, "ping\n"u8.ToArray(), "0 1 "u8.ToArray()));
    private static readonly HealthProbe Get = Once(HealthProbe.Http(TestPool.Endpoint, "/health"));

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("*:0")]
    [InlineData("unix:@workerpool-probe-test")]
    public async Task A_worker_that_answers_is_healthy(string address)
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["serve"], address);
        Assert.Null(await worker.ProbeAsync(Ask));
        Assert.Null(await worker.ProbeAsync(Connect));
    }

    [Fact]
    public async Task It_is_that_very_worker_that_answers()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["serve"]);
        string answer = "";
        Assert.Null(await worker.ProbeAsync(Once(HealthProbe.Custom(async (context, cancellationToken) =>
        {
            Stream stream = await context.ConnectAsync(TestPool.Endpoint, cancellationToken);
            await stream.WriteAsync("who\n"u8.ToArray(), cancellationToken);
            byte[] buffer = new byte[100];
            answer = Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, cancellationToken));
            Assert.Equal(worker.Process.ProcessId, context.ProcessId);
        }))));
        Assert.Equal($"0 1 {worker.Process.ProcessId} v1 who\n", answer);
    }

    [Fact]
    public async Task Http_is_judged_by_its_status()
    {
        await using LoneWorker healthy = await LoneWorker.ReadyAsync(["http", "200"]);
        await using LoneWorker ill = await LoneWorker.ReadyAsync(["http", "503"]);
        Assert.Null(await healthy.ProbeAsync(Get));
        Assert.EndsWith("it answered \"HTTP/1.1 503 Test\", where a status from 200 to 299 was expected.", await ill.ProbeAsync(Get), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_ends_every_connection_is_not_healthy()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["refuse"]);
        Assert.Contains("failed, attempt 2 of 2", await worker.ProbeAsync(Ask with { Attempts = 2 }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_answer_is_told()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["serve"]);
        HealthProbe wrong = Once(HealthProbe.Tcp(TestPool.Endpoint, "ping\n"u8.ToArray(), "PONG"u8.ToArray()));
        Assert.EndsWith("it answered \"0 1 \", where \"PONG\" was expected.", await worker.ProbeAsync(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_never_answers_is_given_up_after_the_timeout_of_each_attempt()
    {
        await using LoneWorker worker = LoneWorker.Start(["hang-before-hello"]);
        HealthProbe probe = Get with { Attempts = 2, Timeout = TimeSpan.FromMilliseconds(50) };
        string? failure = await worker.ProbeAsync(probe);
        Assert.StartsWith("The GET /health of \"main\" failed, attempt 2 of 2, after ", failure, StringComparison.Ordinal);
        Assert.EndsWith("no answer within 0.05 s.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_dies_over_the_question_is_told_with_its_exit_code()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["exit-when-asked", "9"]);
        string? failure = await worker.ProbeAsync(Get with { Attempts = 3, Interval = Patience });
        Assert.EndsWith("the worker ended meanwhile: exit code 9.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_has_ended_is_told()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["serve"]);
        Machine.Kill(worker.Process.ProcessId);
        await worker.ExitAsync();
        Assert.EndsWith("the worker ended meanwhile: SIGKILL.", await worker.ProbeAsync(Ask), StringComparison.Ordinal);
        await worker.Process.DisposeAsync();
        Assert.EndsWith("the worker ended meanwhile: SIGKILL.", await worker.ProbeAsync(Ask), StringComparison.Ordinal);
    }

    private static HealthProbe Once(HealthProbe probe) => probe with { Attempts = 1, Timeout = Patience, Interval = TimeSpan.FromMilliseconds(1) };
}
