using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.Tests.Operation;

public sealed class PlanChangesTests
{
    private static readonly RolloutPlan Plan = new(Release.Create("/bin/true"))
    {
        Slots = [1],
        Order = ReplaceOrder.StopFirst,
        Bake = TimeSpan.FromSeconds(9),
        Probe = HealthProbe.Tcp("main"),
        CheckMemory = false,
    };

    [Fact]
    public void Without_changes_it_is_the_pools_own_plan() => Assert.Equal(Plan, PlanChanges.Apply(Plan, new RolloutChanges()));

    [Fact]
    public void Order_and_probe_can_be_taken_back()
    {
        RolloutPlan plan = PlanChanges.Apply(Plan, new RolloutChanges { Order = RolloutOrder.Auto, Probe = new ProbeDescription { Kind = ProbeKind.None } });
        Assert.Equal(Plan with { Order = null, Probe = null }, plan);
    }

    [Fact]
    public void A_probe_over_HTTP_has_what_is_said_and_defaults_for_the_rest()
    {
        HealthProbe? probe = PlanChanges.ProbeOf(new ProbeDescription { Kind = ProbeKind.Http, Endpoint = "web", Path = "/health", Attempts = 7 });
        Assert.Equal("GET /health of \"web\"", probe!.Name);
        Assert.Equal(7, probe.Attempts);
        Assert.Equal(TimeSpan.FromSeconds(2), probe.Timeout);
    }

    [Fact]
    public void A_probe_without_endpoint_is_refused() =>
        Assert.Throws<RequestException>(() => PlanChanges.ProbeOf(new ProbeDescription { Kind = ProbeKind.Tcp }));
}
