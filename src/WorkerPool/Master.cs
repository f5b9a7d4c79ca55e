using System.Net;
using WorkerPool.Operation;
using WorkerPool.Runtime;

namespace WorkerPool;

/// <summary>
/// The master of a pool: owns every listening socket, starts and supervises the workers, replaces them on command.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Every command gives a <see cref="Verdict"/>: done, failed, or refused because it did not fit the state of the pool;
/// it does not throw for any of these (see <see cref="Verdict.EnsureDone"/>). One slot works on one command at a time,
/// different slots side by side. The cancellation token of a command ends the waiting, not the command.
/// <para>
/// The master serves no traffic. What waits in an accept queue outlives any worker, because the master holds the socket.
/// </para>
/// </remarks>
public sealed partial class Master : IAsyncDisposable
{
    private readonly MasterLoop _loop;
    private readonly Release _release;
    private readonly OperationServer? _operation;

    private Master(MasterLoop loop, PoolOptions options, Release release, OperationSocket? control)
    {
        _loop = loop;
        _release = release;
        _operation = control is null ? null : new OperationServer(control, this, options);
    }

    /// <summary>The slots and their workers now: one consistent picture, a few microseconds old at most.</summary>
    public PoolStatus Status => _loop.Status;

    /// <summary>Completes when the pool has stopped and the last worker has ended.</summary>
    public Task Stopped => _loop.Stopped;

    /// <summary>Opens the listening sockets, starts the workers, and waits until all of them are ready.</summary>
    /// <param name="options">What the pool is; read once, changes later have no effect.</param>
    /// <param name="cancellationToken">Gives the start up; the workers that were started are stopped.</param>
    /// <returns>The master, with every worker ready.</returns>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="SystemCallException">An endpoint, or the control socket, cannot be listened on, or <see cref="PoolOptions.Processes"/> asks for what is not permitted.</exception>
    /// <exception cref="IOException">
    /// <see cref="WorkerProcessOptions.CgroupParent"/> cannot be used, or the service manager did not pass the sockets that an
    /// endpoint wants; the message says why.
    /// </exception>
    /// <exception cref="CommandException">A worker did not get ready; all were stopped. The verdict has its last lines.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<Master> StartAsync(PoolOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        OptionsCheck.Check(options);
        Release release = options.Release ?? Release.Current();
        Master master = Open(options, release);
        try
        {
            int[] slots = [.. Enumerable.Range(0, options.WorkerCount)];
            foreach (Task<Verdict> start in slots.Select(slot => master.StartAsync(slot, release, cancellationToken)).ToArray())
            {
                (await start).EnsureDone();
            }

            return master;
        }
        catch
        {
            await master.StopAsync(StopMode.Immediate, CancellationToken.None);
            await master.DisposeAsync();
            throw;
        }
    }

    private static Master Open(PoolOptions options, Release release)
    {
        OperationSocket? control = OperationSocket.Open(options);
        try
        {
            return new Master(MasterLoop.Open(options, release), options, release, control);
        }
        catch
        {
            control?.Dispose();
            throw;
        }
    }

    /// <summary>The address that an endpoint is bound to; for port 0 the port that the kernel chose.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <exception cref="ArgumentException">The pool has no such endpoint.</exception>
    public EndPoint GetEndPoint(string endpoint) => _loop.Sockets.BoundEndPoint(endpoint);

    /// <summary>Puts a worker into a slot that has none.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="release">What it runs; default: what the slot ran last. The slot runs it from then on.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when the worker is ready. Failed if it did not get ready; the slot is empty then.</returns>
    public Task<Verdict> StartAsync(int slot, Release? release = null, CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, now) => supervisor.Start(id, slot, release, now), cancellationToken);

    /// <summary>Drains the worker of a slot; the slot stays empty until <see cref="StartAsync(int, Release?, CancellationToken)"/>.</summary>
    /// <remarks>
    /// New connections go to other slots first (if any other accepts, see <see cref="SteeringOptions"/>; otherwise they
    /// wait in the accept queue for the next worker). Then the worker stops accepting, finishes what it has, exits. At the
    /// deadline it is told to stop, gets SIGTERM after <see cref="PoolOptions.StopGrace"/>, and SIGKILL after
    /// <see cref="PoolOptions.KillGrace"/>.
    /// </remarks>
    /// <param name="slot">The slot.</param>
    /// <param name="deadline">The time to finish; default <see cref="PoolOptions.DrainDeadline"/>; 0 or more.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when the worker has ended; <see cref="Verdict.ConnectionsCut"/> says whether by itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The deadline is negative.</exception>
    public Task<Verdict> DrainAsync(int slot, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        if (deadline is TimeSpan time)
        {
            OptionsCheck.Time(nameof(deadline), time, TimeSpan.Zero);
        }

        return _loop.CommandAsync((supervisor, id, now) => supervisor.Drain(id, slot, deadline, now), cancellationToken);
    }

    /// <summary>Replaces the worker of a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="release">What the new worker runs; default: what the slot runs. The slot runs it from then on.</param>
    /// <param name="order">Which of the two goes first.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>
    /// Done when the new worker is ready and the old one has ended. Failed if the new one did not get ready; the slot
    /// then runs the release that it ran before: start-first it never stopped, stop-first it was started again.
    /// </returns>
    public Task<Verdict> ReplaceAsync(
        int slot, Release? release = null, ReplaceOrder order = ReplaceOrder.StartFirst, CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, now) => supervisor.Replace(id, slot, release, order, now), cancellationToken);

    /// <summary>Changes the number of workers, at the end of the slots.</summary>
    /// <remarks>
    /// No queued connection is lost: what waits at, or still arrives at, a slot that goes is passed to a live worker, for
    /// <see cref="PoolOptions.RetiredSocketLinger"/>; then its sockets are closed.
    /// </remarks>
    /// <param name="workerCount">The new number, 1 to <see cref="PoolOptions.MaxWorkerCount"/>.</param>
    /// <param name="release">What new slots run; default: what the last slot runs.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when all new workers are ready, or all surplus ones have ended. Failed: the number is as before.</returns>
    public Task<Verdict> ScaleAsync(int workerCount, Release? release = null, CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, now) => supervisor.Scale(id, workerCount, release, now), cancellationToken);

    /// <summary>Puts a release into the slots, one after the other, as the plan says; watches it, and takes it back if it fails.</summary>
    /// <remarks>
    /// Progress is in <see cref="ReadEventsAsync"/> (kinds that begin with Rollout) and in <see cref="PoolStatus.Rollout"/>.
    /// While it is under way, commands to its slots and changes of their number are refused.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Ends the waiting, not the rollout; see <see cref="AbortRolloutAsync"/>.</param>
    /// <returns>
    /// Done when the slots run the release (but for the failures that the plan tolerates). Rolled back: it failed, and
    /// every slot runs what it ran before. Failed: some slots run it, others do not. <see cref="Verdict.Slots"/> has each.
    /// </returns>
    /// <exception cref="ArgumentException">The plan contradicts itself or a value is out of its range; the message names it.</exception>
    public Task<Verdict> RollAsync(RolloutPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        OptionsCheck.Check(plan);
        RolloutPlan copy = plan with { Slots = plan.Slots?.ToArray() };
        return _loop.CommandAsync((supervisor, id, now) => supervisor.Roll(id, copy, now), cancellationToken);
    }

    /// <summary>As <see cref="RollAsync"/>; the rollout is given up, and rolled back, when it is abandoned.</summary>
    internal async Task<Verdict> RollUnlessAbandonedAsync(RolloutPlan plan, CancellationToken abandon, CancellationToken cancellationToken)
    {
        OptionsCheck.Check(plan);
        int rollout = 0;
        Task<Verdict> rolling = _loop.CommandAsync((supervisor, id, now) => supervisor.Roll(rollout = id, plan, now), CancellationToken.None);
        CancellationTokenRegistration registration = abandon.Register(
            () => _loop.Tell(supervisor => supervisor.AbandonRollout(rollout)));

        // Not at the end of the waiting: that may be the moment at which it is abandoned.
        _ = rolling.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return await rolling.WaitAsync(cancellationToken);
    }

    /// <summary>The rollout begins with no further slot; what has begun is finished.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done, or refused if no rollout is rolling.</returns>
    public Task<Verdict> PauseRolloutAsync(CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, _) => supervisor.PauseRollout(id), cancellationToken);

    /// <summary>A paused rollout goes on, and tries the slots again that had failed.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done, or refused if no rollout is paused.</returns>
    public Task<Verdict> ResumeRolloutAsync(CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, _) => supervisor.ResumeRollout(id), cancellationToken);

    /// <summary>Gives the rollout up. Its own verdict follows when its slots are settled.</summary>
    /// <param name="rollBack">Whether every slot gets back what it ran before; otherwise slots that are done stay so.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when it is given up, or refused if there is none or it goes back already.</returns>
    public Task<Verdict> AbortRolloutAsync(bool rollBack = true, CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, _) => supervisor.AbortRollout(id, rollBack), cancellationToken);

    /// <summary>Changes how much of the new connections a slot gets.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="weight">
    /// In relation to the other slots; 1 is ordinary, 0 gets nothing while another slot accepts. 0 to 1,000,000. In a pool of n
    /// slots the weight s·(n − 1)/(1 − s) gives the part s of all connections.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when the kernel was told; refused if the pool does not steer or has no such slot.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is out of its range.</exception>
    public Task<Verdict> SetWeightAsync(int slot, double weight, CancellationToken cancellationToken = default)
    {
        OptionsCheck.Weight(weight);
        return _loop.CommandAsync((supervisor, id, _) => supervisor.SetWeight(id, slot, weight), cancellationToken);
    }

    /// <summary>Gives the workers of a release an exact part of all new connections, however many they are: a canary.</summary>
    /// <remarks>It may be set before the release runs anywhere. It lasts until it is changed.</remarks>
    /// <param name="label">The label of the release.</param>
    /// <param name="share">0 to 1, all shares together at most 1; null: the release is one like the others again.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when the kernel was told; refused if the pool does not steer or the shares add up to more than 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public Task<Verdict> SetShareAsync(string label, double? share, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        OptionsCheck.Share(share ?? 0);
        return _loop.CommandAsync((supervisor, id, _) => supervisor.SetShare(id, label, share), cancellationToken);
    }

    /// <summary>From now on workers that die stay dead, in all slots, until <see cref="ResumeRespawnAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> SuspendRespawnAsync(CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, _) => supervisor.SuspendRespawn(id), cancellationToken);

    /// <summary>Workers that die are started again; so are those that died meanwhile, at once.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ResumeRespawnAsync(CancellationToken cancellationToken = default) =>
        _loop.CommandAsync((supervisor, id, now) => supervisor.ResumeRespawn(id, now), cancellationToken);

    /// <summary>
    /// Measures what <see cref="Status"/> does not know: the memory and the processor time of the workers, the lengths of
    /// the accept queues.
    /// </summary>
    /// <remarks>
    /// For people who look, and for decisions; not for every request. The kernel walks through all pages of each worker
    /// (half a millisecond for 100 MB), and a worker's page fault waits meanwhile if it changes the map of its memory. The
    /// master's loop and the workers' accept loops are not held up.
    /// </remarks>
    /// <param name="cancellationToken">Gives the measurement up.</param>
    /// <returns>What was found. What cannot be known is null there, never an exception; a pool that has ended has no workers.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<PoolMeasurement> MeasureAsync(CancellationToken cancellationToken = default) => _loop.MeasureAsync(cancellationToken);

    /// <summary>Stops all workers. A command that is under way fails. Call it again to stop at once what stops gracefully.</summary>
    /// <param name="mode">Graceful: within <see cref="PoolOptions.DrainDeadline"/>. Immediate: SIGTERM, then SIGKILL after <see cref="PoolOptions.KillGrace"/>.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    /// <returns>Done when the last worker has ended.</returns>
    public Task<Verdict> StopAsync(StopMode mode = StopMode.Graceful, CancellationToken cancellationToken = default) =>
        _loop.StopAsync(mode, cancellationToken);

    /// <summary>Everything that happens from now on, until the pool has stopped.</summary>
    /// <remarks>
    /// Begins with the call, not with the first read. Each reader has a buffer of 1,024 events; one that falls further
    /// behind loses the oldest.
    /// </remarks>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken = default) =>
        _loop.Events.Subscribe(cancellationToken);

    /// <summary>The same for one who has to know what was lost; with so many of the last events before.</summary>
    internal EventReader OpenEvents(int last = 0) => _loop.Events.Open(last);

    /// <summary>Stops the pool at once if it still runs, and closes the listening sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(StopMode.Immediate, CancellationToken.None);
        await (_operation?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_notifier?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _loop.DisposeAsync();
    }
}
