using System.Net;
using System.Net.WebSockets;
using WorkerPool.AspNetCore.Tests.Support;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>What each kind of client experiences when the worker that serves it drains.</summary>
[Collection("Pools")] // each test starts processes; side by side they only slow each other down
public class DrainTests
{
    [Fact]
    public async Task A_silent_connection_is_closed_in_order_and_what_it_says_then_meets_no_reset()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.AskAsync("/who");
        Task<Verdict> drained = await pool.BeginDrainAsync();

        Assert.True(await client.IsEndedAsync());
        await client.SendRequestAsync("/who");
        Assert.True(await client.IsEndedAsync()); // still the end, and not a reset
        client.Dispose();
        (await drained).EnsureDone();
    }

    [Fact]
    public async Task A_connection_that_speaks_while_the_worker_drains_is_answered_and_told_to_close()
    {
        await using WebPool pool = await WebPool.StartAsync("patient");
        using RawClient client = await pool.ConnectAsync();
        Assert.DoesNotContain("Connection: close", await client.AskAsync("/who"), StringComparison.Ordinal);
        Task<Verdict> drained = await pool.BeginDrainAsync();

        Assert.Contains("Connection: close", await client.AskAsync("/who"), StringComparison.Ordinal);
        Assert.True(await client.IsEndedAsync());
        (await drained).EnsureDone();
    }

    [Fact]
    public async Task A_connection_that_was_accepted_gets_its_first_request_answered()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient silent = await pool.ConnectAsync();
        using RawClient half = await pool.ConnectAsync();
        await half.SendAsync("GET /who HTTP/1.1\r\n");
        await pool.WhenReportedAsync(2);
        Task<Verdict> drained = await pool.BeginDrainAsync();
        await Task.Delay(1000); // far beyond the time after which idle ones are closed

        Assert.Contains("200 OK", await silent.AskAsync("/who"), StringComparison.Ordinal);
        await half.SendAsync("Host: test\r\n\r\n");
        Assert.Contains("Connection: close", await half.ReceiveAsync(), StringComparison.Ordinal);
        (await drained).EnsureDone();
    }

    [Fact]
    public async Task A_connection_that_never_speaks_is_closed_when_patience_ends()
    {
        await using WebPool pool = await WebPool.StartAsync("impatient");
        using RawClient silent = await pool.ConnectAsync();
        await pool.WhenReportedAsync(1);
        Task<Verdict> drained = await pool.BeginDrainAsync();

        Assert.True(await silent.IsEndedAsync());
        silent.Dispose();
        (await drained).EnsureDone();
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("h2c")]
    public async Task A_request_that_is_served_when_the_drain_begins_is_answered(string endpoint)
    {
        await using WebPool pool = await WebPool.StartAsync();
        using HttpClient client = pool.CreateClient(endpoint);
        Assert.StartsWith("0 1 v1", await client.GetStringAsync("/who"), StringComparison.Ordinal);
        Task<HttpResponseMessage> slow = client.GetAsync("/slow?ms=500");
        await Task.Delay(100);
        Task<Verdict> drained = await pool.BeginDrainAsync();

        using HttpResponseMessage answer = await slow;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(endpoint == "http" ? true : null, answer.Headers.ConnectionClose);
        (await drained).EnsureDone();
    }

    [Theory]
    [InlineData("https")]
    [InlineData("h2c")]
    public async Task An_idle_http2_connection_goes_away_and_its_client_comes_back_to_the_next_worker(string endpoint)
    {
        await using WebPool pool = await WebPool.StartAsync();
        using HttpClient client = pool.CreateClient(endpoint);
        Assert.StartsWith("0 1 v1", await client.GetStringAsync("/who"), StringComparison.Ordinal);

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone();

        Assert.StartsWith("0 2 v2", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_tls_connection_of_http_1_is_closed_in_order()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using HttpClient client = pool.CreateClient("https");
        client.DefaultRequestVersion = HttpVersion.Version11;
        await client.GetStringAsync("/who");

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone();

        // A POST with a body is never tried again by HttpClient: it must not find the old connection.
        using HttpResponseMessage answer = await client.PostAsync("/echo", new StringContent("hello"));
        Assert.Equal("hello", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_web_socket_lives_until_the_deadline_and_is_then_closed_in_order()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.DrainDeadline = TimeSpan.FromSeconds(2));
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"ws://{pool.Address()}/ws"), CancellationToken.None);
        Task<Verdict> drained = await pool.BeginDrainAsync();
        await Task.Delay(1000);

        byte[] buffer = new byte[100];
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        Assert.Equal(5, (await socket.ReceiveAsync(buffer, CancellationToken.None)).Count);
        WebSocketReceiveResult end = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, end.CloseStatus);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Verdict verdict = await drained;
        verdict.EnsureDone();
        Assert.Equal(0, verdict.Exit?.Code ?? 0);
    }

    [Fact]
    public async Task A_request_without_end_is_aborted_after_the_deadline_and_the_worker_exits_by_itself()
    {
        await using WebPool pool = await WebPool.StartAsync(options =>
        {
            options.DrainDeadline = TimeSpan.FromSeconds(1);
            options.StopGrace = TimeSpan.FromSeconds(20);
        });
        using HttpClient client = pool.CreateClient();
        using HttpResponseMessage answer = await client.GetAsync("/never", HttpCompletionOption.ResponseHeadersRead);
        Task<Verdict> drained = await pool.BeginDrainAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
        (await drained).EnsureDone();
    }

    [Fact]
    public async Task An_app_that_stops_by_itself_answers_who_is_connected_and_is_started_again()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient silent = await pool.ConnectAsync();
        using HttpClient client = pool.CreateClient();
        await pool.WhenReportedAsync(1);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/stop")).StatusCode);

        Assert.Contains("200 OK", await silent.AskAsync("/who"), StringComparison.Ordinal);
        await WebPool.UntilAsync(() => pool.Master.Status.Slots[0].Workers is [{ State: WorkerState.Ready, Generation: 2 }], "it is started again");
    }
}
