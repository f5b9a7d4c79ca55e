using Microsoft.Extensions.Diagnostics.HealthChecks;
using WorkerPool.Hosting.Pools;
using Xunit;

namespace WorkerPool.Tests.Hosting;

public class PoolHealthCheckTests
{
    [Fact]
    public void A_pool_is_healthy_when_every_slot_has_a_worker_that_is_ready()
    {
        Assert.Equal(HealthStatus.Healthy, Of(Pool(SlotState.Ready, SlotState.Ready)));
        Assert.Equal(HealthStatus.Healthy, Of(Pool(SlotState.Ready, SlotState.Replacing)));
    }

    [Fact]
    public void It_is_degraded_when_some_are_missing_and_enough_are_left()
    {
        Assert.Equal(HealthStatus.Degraded, Of(Pool(SlotState.Ready, SlotState.Starting)));
        Assert.Equal(HealthStatus.Degraded, Of(Pool(SlotState.Ready, SlotState.Empty, SlotState.BackingOff)));
    }

    [Fact]
    public void It_is_unhealthy_when_too_few_are_left_a_breaker_is_open_or_it_is_not_there()
    {
        Assert.Equal(HealthStatus.Unhealthy, Of(Pool(SlotState.Starting, SlotState.Empty)));
        Assert.Equal(HealthStatus.Unhealthy, Of(Pool(SlotState.Ready, SlotState.Starting), minimumReady: 2));
        Assert.Equal(HealthStatus.Unhealthy, Of(Pool(SlotState.Ready, SlotState.Broken)));
        Assert.Equal(HealthStatus.Unhealthy, Of(Pool(SlotState.Ready) with { Stopping = true }));
        Assert.Equal(HealthStatus.Unhealthy, Of(null));
    }

    private static HealthStatus Of(PoolStatus? status, int minimumReady = 1) => PoolHealthCheck.Of(status, minimumReady).Status;

    private static PoolStatus Pool(params SlotState[] states) => new()
    {
        RespawnSuspended = false,
        Stopping = false,
        Slots = [.. states.Select((state, slot) => new SlotStatus
        {
            Slot = slot,
            State = state,
            Label = "v1",
            Weight = 1,
            Share = 0,
            ConsecutiveDeaths = 0,
            Workers = state is SlotState.Ready or SlotState.Replacing ? [Ready] : [],
        })],
    };

    private static WorkerStatus Ready { get; } = new()
    {
        Generation = 1,
        ProcessId = 1,
        Label = "v1",
        State = WorkerState.Ready,
        StartedAt = DateTimeOffset.UnixEpoch,
        Connections = 0,
        Accepted = 0,
    };
}
