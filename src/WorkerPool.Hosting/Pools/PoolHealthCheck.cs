using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WorkerPool.Hosting.Pools;

/// <summary>What the state of the slots means for those who ask whether this instance is well.</summary>
internal sealed class PoolHealthCheck(IWorkerPool pool, int minimumReady) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Of(pool.Master?.Status, minimumReady));

    internal static HealthCheckResult Of(PoolStatus? status, int minimumReady)
    {
        if (status is null)
        {
            return HealthCheckResult.Unhealthy("The pool is not up.");
        }

        int[] broken = [.. status.Slots.Where(slot => slot.State == SlotState.Broken).Select(slot => slot.Slot)];
        string text = string.Create(CultureInfo.InvariantCulture, $"{status.ReadyCount} of {status.Slots.Count} slots have a worker that is ready.");
        Dictionary<string, object> data = new() { ["ready"] = status.ReadyCount, ["slots"] = status.Slots.Count, ["processes"] = status.ProcessCount };
        return status.Stopping ? HealthCheckResult.Unhealthy("The pool is stopping.", data: data)
            : broken.Length > 0 ? HealthCheckResult.Unhealthy($"{text} The workers of slot {string.Join(", ", broken)} die again and again.", data: data)
            : status.ReadyCount < minimumReady ? HealthCheckResult.Unhealthy(text, data: data)
            : status.ReadyCount < status.Slots.Count ? HealthCheckResult.Degraded(text, data: data)
            : HealthCheckResult.Healthy(text, data);
    }
}
