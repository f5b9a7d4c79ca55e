using WorkerPool.AspNetCore.Tests.Support;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>What must be so before a web app is a worker that is ready, and what the verdict says if it is not.</summary>
[Collection("Pools")] // each test starts processes; side by side they only slow each other down
public class StartTests
{
    [Fact]
    public async Task Every_endpoint_of_the_pool_is_served_with_its_protocol()
    {
        await using WebPool pool = await WebPool.StartAsync();
        foreach (string endpoint in new[] { "http", "https", "h2c" })
        {
            using HttpClient client = pool.CreateClient(endpoint);
            Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
            Assert.Equal("hello mvc", await client.GetStringAsync("/mvc/mvc"));
        }
    }

    [Fact]
    public async Task Warm_up_asks_each_path_on_each_endpoint_before_the_first_client()
    {
        await using WebPool pool = await WebPool.StartAsync("warm-up");
        using HttpClient client = pool.CreateClient();
        Assert.Equal("16", await client.GetStringAsync("/count")); // 5 rounds on 3 endpoints, and this
    }

    [Fact]
    public async Task Health_checks_with_the_tag_are_waited_for_and_others_are_not()
    {
        await using WebPool pool = await WebPool.StartAsync("healthy-later");
        using HttpClient client = pool.CreateClient();
        Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unhealthy", "the health check \"database\" is unhealthy: it is not there")]
    [InlineData("warm-up-fails", "GET /nothing-here on endpoint \"http\" was answered with 404 Not Found.")]
    [InlineData("http3", "HTTP/3 runs over QUIC")]
    [InlineData("unknown-endpoint", "The pool has no endpoint \"admin\"; it has: http, https, h2c.")]
    [InlineData("own-address", "The app listens on")]
    [InlineData("configured-address", "Remove it from Kestrel:Endpoints")]
    public async Task A_release_that_cannot_serve_fails_with_its_reason_and_the_old_one_goes_on(string app, string reason)
    {
        await using WebPool pool = await WebPool.StartAsync();

        Verdict verdict = await pool.Master.ReplaceAsync(0, WebPool.Release("v2", app));

        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Contains(reason, verdict.LastErrorLines[^1], StringComparison.Ordinal);
        using HttpClient client = pool.CreateClient();
        Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("urls")]
    [InlineData("allow-other")]
    public async Task Addresses_of_the_app_do_not_keep_it_from_serving_the_pool(string app)
    {
        await using WebPool pool = await WebPool.StartAsync(app);
        using HttpClient client = pool.CreateClient();
        Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoints_in_the_configuration_are_allowed_beside_those_of_the_pool()
    {
        await using WebPool pool = await WebPool.StartAsync("configured-address", "may-listen");
        using HttpClient client = pool.CreateClient();
        Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("systemd-before")]
    [InlineData("systemd-after")]
    public async Task An_app_that_is_made_for_systemd_starts_serves_and_drains_as_a_worker(string app)
    {
        await using WebPool pool = await WebPool.StartAsync(app);
        using HttpClient client = pool.CreateClient();
        Assert.StartsWith("0 1 v1 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
        Task<string> slow = client.GetStringAsync("/slow?ms=500");
        await pool.WhenReportedAsync(1);

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2", app))).EnsureDone();

        Assert.Equal("slow", await slow);
        Assert.StartsWith("0 2 v2 ", await client.GetStringAsync("/who"), StringComparison.Ordinal);
    }
}
