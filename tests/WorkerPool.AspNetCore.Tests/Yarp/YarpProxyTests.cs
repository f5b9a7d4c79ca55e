using System.Globalization;
using Xunit;

namespace WorkerPool.AspNetCore.Tests.Yarp;

/// <summary>The sample as its users run it: processes, a file, signals; requests go through it all the time.</summary>
[Collection("Pools")]
public sealed class YarpProxyTests
{
    private const int Workers = 2;

    [Fact]
    public async Task Requests_through_the_proxy_survive_rollouts_of_program_and_configuration()
    {
        await using Upstream first = await Upstream.StartAsync("first");
        await using Upstream second = await Upstream.StartAsync("second");
        await using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(first), Workers);
        await using ProxyLoad load = new(proxy.EndPoint);
        await load.AnsweredByAsync("first");

        Assert.StartsWith("Done", await proxy.HangUpAsync(), StringComparison.Ordinal);
        Assert.StartsWith("Done", await proxy.HangUpAsync(), StringComparison.Ordinal);

        proxy.Configuration = Configuration(second);
        Assert.StartsWith("Done", await proxy.HangUpAsync(), StringComparison.Ordinal);
        await load.AnsweredByAsync("second");

        Assert.Empty(await load.StopAsync());
        Assert.True(load.Servers.Count >= 3 * Workers, $"{load.Servers.Count} workers have answered {load.Count} requests");
    }

    [Fact]
    public async Task A_configuration_that_is_bad_is_taken_back_and_costs_no_request()
    {
        await using Upstream upstream = await Upstream.StartAsync("only");
        await using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(upstream), Workers);
        await using ProxyLoad load = new(proxy.EndPoint);
        await load.AnsweredByAsync("only");

        proxy.Configuration = Configuration(upstream).Replace("upstream\"", "", StringComparison.Ordinal);
        Assert.StartsWith("RolledBack", await proxy.HangUpAsync(), StringComparison.Ordinal);

        await load.AnsweredByAsync("only");
        Assert.Empty(await load.StopAsync());
    }

    private static string Configuration(Upstream upstream) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {
          "ReverseProxy": {
            "Routes": { "all": { "ClusterId": "upstream", "Match": { "Path": "{**rest}" } } },
            "Clusters": { "upstream": { "Destinations": { "one": { "Address": "{{upstream.Address}}" } } } }
          }
        }
        """);
}
