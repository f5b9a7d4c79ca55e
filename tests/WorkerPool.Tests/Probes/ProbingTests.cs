using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Probes;

public class ProbingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HealthProbe Connect = Once(HealthProbe.Tcp(FakeWorker.Endpoint));
    private static readonly HealthProbe Ask = Once(HealthProbe.Tcp(FakeWorker.Endpoint, "ping\n"u8.ToArray(), "pong"u8.ToArray()));

    [Fact]
    public async Task The_expected_answer_is_healthy_whatever_follows_it()
    {
        Assert.Null(await new FakeWorker("pong").ProbeAsync(Ask));
        Assert.Null(await new FakeWorker("pong and more").ProbeAsync(Ask));
    }

    [Theory]
    [InlineData("nope", "it answered \"nope\", where \"pong\" was expected.")]
    [InlineData("po", "it answered \"po\", and then the end, where \"pong\" was expected.")]
    [InlineData("", "it answered nothing, and then the end, where \"pong\" was expected.")]
    [InlineData("\u0001\r\n ", "it answered \"... \", where \"pong\" was expected.")]
    public async Task Another_answer_is_told(string answer, string reason)
    {
        string? failure = await new FakeWorker(answer).ProbeAsync(Ask);
        Assert.StartsWith("The connection to \"main\" failed, attempt 1 of 1, after ", failure, StringComparison.Ordinal);
        Assert.EndsWith(" s: " + reason, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_expected_answer_the_worker_has_to_end_the_connection_when_the_probe_does()
    {
        Assert.Null(await new FakeWorker(async client =>
        {
            await client.SendAsync("welcome"u8.ToArray());
            while (await client.ReceiveAsync(new byte[10]) > 0)
            {
            }
        }).ProbeAsync(Connect));
        string? failure = await new FakeWorker(ReadForEverAsync).ProbeAsync(Connect with { Timeout = TimeSpan.FromMilliseconds(50) });
        Assert.EndsWith("no answer within 0.05 s.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.0 204 No Content\r\nServer: x\r\n\r\n")]
    [InlineData("HTTP/1.1 299\r\n\r\nbody")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public async Task Http_takes_the_final_status(string answer) =>
        Assert.Null(await new FakeWorker(answer).ProbeAsync(Once(HealthProbe.Http(FakeWorker.Endpoint))));

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", "it answered \"HTTP/1.1 503 Service Unavailable\", where a status from 200 to 299 was expected.")]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 301 Moved\r\n\r\n", "it answered \"HTTP/1.1 301 Moved\", where a status from 200 to 299 was expected.")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\r\n", "it answered \"HTTP/1.1 200 OK..Server: x..\", and then the end before the end of a header.")]
    [InlineData("", "it answered nothing, and then the end before the end of a header.")]
    [InlineData("SSH-2.0-x\r\n\r\n", "it answered \"SSH-2.0-x\", which is not HTTP/1.1.")]
    [InlineData("HTTP/1.1 OK\r\n\r\n", "it answered \"HTTP/1.1 OK\", which is not HTTP/1.1.")]
    [InlineData("\r\n\r\n", "it answered nothing, which is not HTTP/1.1.")]
    public async Task Http_tells_another_answer(string answer, string reason)
    {
        string? failure = await new FakeWorker(answer).ProbeAsync(Once(HealthProbe.Http(FakeWorker.Endpoint, "/health")));
        Assert.StartsWith("The GET /health of \"main\" failed, attempt 1 of 1, after ", failure, StringComparison.Ordinal);
        Assert.EndsWith(reason, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_reads_no_header_without_end()
    {
        FakeWorker worker = new(async client =>
        {
            try
            {
                byte[] line = "X: y\r\n"u8.ToArray();
                await client.SendAsync("HTTP/1.1 200 OK\r\n"u8.ToArray());
                while (true)
                {
                    await client.SendAsync(line);
                }
            }
            catch (SocketException)
            {
                // The probe has had enough.
            }
        });
        string? failure = await worker.ProbeAsync(Once(HealthProbe.Http(FakeWorker.Endpoint)));
        Assert.EndsWith("it sent more than 16384 bytes without the end of a header.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_sends_what_was_asked_for_and_other_statuses_may_be_healthy()
    {
        string request = "";
        FakeWorker worker = new(async client =>
        {
            byte[] buffer = new byte[1000];
            request = Encoding.ASCII.GetString(buffer, 0, await client.ReceiveAsync(buffer));
            await client.SendAsync("HTTP/1.1 401 Unauthorized\r\n\r\n"u8.ToArray());
        });
        Assert.Null(await worker.ProbeAsync(Once(HealthProbe.Http(FakeWorker.Endpoint, "/a?b=c", 200, 499, "example.org"))));
        Assert.Equal("GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n", request);
    }

    [Fact]
    public async Task A_later_attempt_may_succeed()
    {
        int calls = 0;
        HealthProbe probe = Once(HealthProbe.Custom((_, _) => ++calls < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask));
        string? failure = await new FakeWorker("").ProbeAsync(probe with { Attempts = 2 });
        Assert.StartsWith("The custom probe failed, attempt 2 of 2, after ", failure, StringComparison.Ordinal);
        Assert.EndsWith("InvalidOperationException: not yet", failure, StringComparison.Ordinal);
        Assert.Null(await new FakeWorker("").ProbeAsync(probe with { Attempts = 2 }));
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task A_custom_probe_knows_its_worker_and_may_connect_more_than_once()
    {
        FakeWorker worker = new("pong");
        string seen = "";
        Assert.Null(await worker.ProbeAsync(Once(HealthProbe.Custom(async (context, cancellationToken) =>
        {
            seen = $"{context.Slot} {context.Generation} {context.ProcessId} {context.Label}";
            await context.ConnectAsync(FakeWorker.Endpoint, cancellationToken);
            await context.ConnectAsync(FakeWorker.Endpoint, cancellationToken);
        }))));
        Assert.Equal(("3 7 4711 v2", 2), (seen, worker.Connections));
    }

    [Fact]
    public async Task What_an_attempt_left_open_is_closed_after_it()
    {
        TaskCompletionSource<int> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FakeWorker worker = new(async client => end.SetResult(await client.ReceiveAsync(new byte[1])));
        ProbeContext? late = null;
        await worker.ProbeAsync(Once(HealthProbe.Custom((context, cancellationToken) =>
        {
            late = context;
            return context.ConnectAsync(FakeWorker.Endpoint, cancellationToken);
        })));
        Assert.Equal(0, await end.Task.WaitAsync(Patience));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => late!.ConnectAsync(FakeWorker.Endpoint));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_that_heeds_no_token_is_given_up(bool blocks)
    {
        using ManualResetEventSlim end = new();
        HealthProbe probe = Once(HealthProbe.Custom((_, _) =>
        {
            if (blocks)
            {
                end.Wait(Patience, CancellationToken.None);
            }

            return new TaskCompletionSource().Task;
        }));
        string? failure = await new FakeWorker("").ProbeAsync(probe with { Timeout = TimeSpan.FromMilliseconds(50) });
        end.Set();
        Assert.EndsWith("no answer within 0.05 s.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Full", "ProbeFailedException", "the worker does not take the connections that are passed to it.")]
    [InlineData("Gone", "ProbeFailedException", "the worker has closed its pass channel.")]
    public async Task A_worker_that_takes_nothing_is_not_healthy(string answer, string notSaid, string reason)
    {
        string? failure = await new FakeWorker("pong") { Answer = Enum.Parse<SendResult>(answer) }.ProbeAsync(Ask);
        Assert.EndsWith(reason, failure, StringComparison.Ordinal);
        Assert.DoesNotContain(notSaid, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_there_is_not_is_told()
    {
        string? failure = await new FakeWorker("pong").ProbeAsync(Once(HealthProbe.Tcp("nowhere")));
        Assert.Contains("The pool has no endpoint \"nowhere\"; it has: other, main.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_ends_is_asked_no_more()
    {
        FakeWorker? worker = null;
        worker = new FakeWorker(async client =>
        {
            await client.ReceiveAsync(new byte[10]);
            worker!.Exit(new ExitStatus(3, null));
            await ReadForEverAsync(client);
        });
        string? failure = await worker.ProbeAsync(Ask with { Attempts = 100 });
        Assert.StartsWith("The connection to \"main\" failed, attempt 1 of 100, after ", failure, StringComparison.Ordinal);
        Assert.EndsWith("the worker ended meanwhile: exit code 3.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_worker_is_a_better_reason_than_that_of_the_connection()
    {
        FakeWorker? worker = null;
        worker = new FakeWorker(client =>
        {
            client.Dispose();
            _ = Task.Delay(20).ContinueWith(_ => worker!.Exit(new ExitStatus(null, 9)), TaskScheduler.Default);
            return Task.CompletedTask;
        });
        string? failure = await worker.ProbeAsync(Ask with { Attempts = 2, Interval = Patience });
        Assert.EndsWith("the worker ended meanwhile: SIGKILL.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_can_be_given_up(bool betweenAttempts)
    {
        using CancellationTokenSource source = new();
        HealthProbe probe = HealthProbe.Custom(async (_, cancellationToken) =>
        {
            source.CancelAfter(20);
            await Task.Delay(betweenAttempts ? 0 : Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }) with { Timeout = Patience, Interval = Patience };
        Stopwatch watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new FakeWorker("").ProbeAsync(probe, source.Token));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Patience / 2);
    }

    [Theory]
    [InlineData("127.0.0.1:1", AddressFamily.InterNetwork)]
    [InlineData("0.0.0.0:1", AddressFamily.InterNetwork)]
    [InlineData("[::1]:1", AddressFamily.InterNetworkV6)]
    [InlineData("*:1", AddressFamily.InterNetworkV6)]
    [InlineData("unix:/run/app.sock", AddressFamily.Unix)]
    [InlineData("unix:@app", AddressFamily.Unix)]
    public async Task The_connection_is_of_the_endpoints_family(string address, AddressFamily family)
    {
        Assert.SkipWhen(family == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6, "no IPv6 here");
        Socket? seen = null;
        FakeWorker worker = new(async client =>
        {
            seen = client;
            Assert.Equal(family, client.AddressFamily);
            Assert.True(family == AddressFamily.Unix || IPAddress.IsLoopback(((IPEndPoint)client.RemoteEndPoint!).Address));
            await client.ReceiveAsync(new byte[10]);
            await client.SendAsync("pong"u8.ToArray());
        })
        { Address = address };
        Assert.Null(await worker.ProbeAsync(Ask));
        Assert.NotNull(seen);
    }

    [Fact]
    public void What_cannot_be_a_request_is_refused()
    {
        Assert.Throws<ArgumentException>(() => HealthProbe.Http("main", "health"));
        Assert.Throws<ArgumentException>(() => HealthProbe.Http("main", "/a b"));
        Assert.Throws<ArgumentException>(() => HealthProbe.Http("main", "/\r\nX: y"));
        Assert.Throws<ArgumentException>(() => HealthProbe.Http("main", "/ä"));
        Assert.Throws<ArgumentException>(() => HealthProbe.Http("main", host: "a\r\nX: y"));
        Assert.Throws<ArgumentOutOfRangeException>(() => HealthProbe.Http("main", minStatus: 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => HealthProbe.Http("main", minStatus: 300));
        Assert.Throws<ArgumentOutOfRangeException>(() => HealthProbe.Http("main", maxStatus: 600));
        Assert.Equal("Timeout", Assert.Throws<ArgumentOutOfRangeException>(() => Connect with { Timeout = TimeSpan.Zero }).ParamName);
        Assert.Equal("Attempts", Assert.Throws<ArgumentOutOfRangeException>(() => Connect with { Attempts = 0 }).ParamName);
        Assert.Equal("Interval", Assert.Throws<ArgumentOutOfRangeException>(() => Connect with { Interval = TimeSpan.FromTicks(-1) }).ParamName);
    }

    private static HealthProbe Once(HealthProbe probe) => probe with { Attempts = 1, Timeout = Patience, Interval = TimeSpan.FromMilliseconds(1) };

    private static async Task ReadForEverAsync(Socket client)
    {
        while (await client.ReceiveAsync(new byte[10]) > 0)
        {
        }

        await Task.Delay(Patience);
    }
}
