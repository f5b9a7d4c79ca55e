using WorkerPool.Signals;

namespace WorkerPool;

public sealed partial class Master
{
    internal SignalOptions Signals => _loop.Options.Signals;

    /// <summary>
    /// From now on the signals of this process do what <see cref="PoolOptions.Signals"/> says. <see cref="Pool"/> does this by
    /// itself; a host that starts the master on its own calls it once, right after the start.
    /// </summary>
    /// <remarks>
    /// Until then signals have their default effect, which for most of them is the end of the process. What was done and what
    /// was refused is told by the events <see cref="PoolEventKind.SignalReceived"/> and <see cref="PoolEventKind.Warning"/>.
    /// </remarks>
    /// <param name="stop">
    /// Called for a signal that means the end, for a second one again. Default: <see cref="StopAsync"/>; <see cref="Stopped"/>
    /// then tells the host that it may end.
    /// </param>
    /// <returns>Dispose it to give the signals back; what has begun goes on.</returns>
    public IDisposable HandleSignals(Func<StopMode, Task>? stop = null)
    {
        MasterSignals signals = new(Signals);
        _ = signals.RunAsync(this, stop ?? (mode => StopAsync(mode)));
        return signals;
    }

    /// <summary>
    /// Tells the workers to open their log files anew, after somebody (logrotate(8)) has moved them; a worker that is not
    /// ready yet is told when it is. See <see cref="Worker.ReopeningLogs"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when all were told; what they do about it they do not say.</returns>
    public Task<Verdict> ReopenLogsAsync(CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, _) => supervisor.ReopenLogs(id), cancellationToken);

    /// <summary>The plan of a rollout that comes from outside: by a signal, through the control socket.</summary>
    /// <exception cref="Exception">Whatever the host's own <see cref="PoolOptions.PlanRollout"/> throws.</exception>
    internal RolloutPlan PlanRollout() =>
        _loop.Options.PlanRollout?.Invoke() ?? new RolloutPlan(_release.Refresh());

    /// <summary>The same with another release, if one is given; then the pool's own need not exist any more.</summary>
    internal RolloutPlan PlanRollout(Release? release) =>
        release is null ? PlanRollout()
        : _loop.Options.PlanRollout is Func<RolloutPlan> plan ? plan() with { Release = release }
        : new RolloutPlan(release);

    /// <summary>Completes when the pool has begun to stop, by whosever will.</summary>
    internal Task Stopping => _loop.Stopping;

    /// <summary>The picture after everything that was asked for before.</summary>
    internal Task<PoolStatus> SnapshotAsync() => _loop.SnapshotAsync();

    /// <summary>Tells the world, in order with everything else that happens.</summary>
    internal void Announce(PoolEventKind kind, string message) => _loop.Post(() => _loop.Announce(kind, message));
}
