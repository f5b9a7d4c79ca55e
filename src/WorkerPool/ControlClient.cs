using System.Runtime.CompilerServices;
using WorkerPool.Operation;

namespace WorkerPool;

/// <summary>
/// Gives commands to a master in another process of this machine, over its control socket
/// (<see cref="PoolOptions.ControlPath"/>): the verbs of <see cref="Master"/>, with the same verdicts. Thread-safe.
/// </summary>
/// <remarks>
/// Each command has a connection of its own, so several may be under way, and there is nothing to dispose. A
/// cancellation token ends the waiting, not the command. Everything that needs the master throws
/// <see cref="ControlException"/> if it cannot be reached; what it refuses is a verdict.
/// </remarks>
public sealed class ControlClient
{
    private ControlClient(string path, MasterDescription master)
    {
        Path = path;
        ProcessId = master.ProcessId;
        LibraryVersion = master.Library;
    }

    /// <summary>The path of the control socket.</summary>
    public string Path { get; }

    /// <summary>The process id of the master that answered.</summary>
    public int ProcessId { get; }

    /// <summary>The version of the library that the master runs.</summary>
    public string LibraryVersion { get; }

    /// <summary>Finds out whether a master listens there, and speaks the same version of the protocol.</summary>
    /// <param name="path">The path of its control socket.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <exception cref="ControlException">No master can be reached there.</exception>
    /// <exception cref="ArgumentException">The path is empty or longer than 107 bytes.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ControlClient> ConnectAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MasterDescription? master = null;
        Verdict verdict = await AskAsync(path, new HelloRequest(), answer => master = answer.Hello ?? master, cancellationToken);
        if (master is null || master.Version != OperationProtocol.Version)
        {
            throw verdict.Reason switch
            {
                VerdictReason.NotPermitted => new ControlException(ControlFailure.NotPermitted, verdict.Message),
                VerdictReason.Busy => new ControlException(ControlFailure.Busy, verdict.Message),
                _ => new ControlException(
                    ControlFailure.Protocol,
                    $"The master speaks another version of the protocol than this client ({OperationProtocol.Version}). {verdict.Message} Use the client of its version."),
            };
        }

        return new ControlClient(path, master);
    }

    /// <summary>See <see cref="Master.Status"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">The master refused.</exception>
    public async Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        PoolStatus? status = null;
        Verdict verdict = await AskAsync(new StatusRequest(), answer => status = answer.Status ?? status, cancellationToken);
        return status ?? throw new CommandException(verdict);
    }

    /// <summary>See <see cref="Master.MeasureAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">The master refused.</exception>
    public async Task<PoolMeasurement> MeasureAsync(CancellationToken cancellationToken = default)
    {
        PoolMeasurement? measurement = null;
        Verdict verdict = await AskAsync(
            new StatusRequest { Measure = true }, answer => measurement = answer.Measurement ?? measurement, cancellationToken);
        return measurement ?? throw new CommandException(verdict);
    }

    /// <summary>See <see cref="Master.StartAsync(int, Release?, CancellationToken)"/>.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="release">What it runs; default: what the slot ran last.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> StartAsync(int slot, ReleaseDescription? release = null, CancellationToken cancellationToken = default) =>
        AskAsync(new StartRequest { Slot = slot, Release = release }, cancellationToken);

    /// <summary>See <see cref="Master.DrainAsync"/>.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="deadline">The time to finish; default: the pool's; 0 or more.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> DrainAsync(int slot, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DrainRequest { Slot = slot, Deadline = deadline }, cancellationToken);

    /// <summary>See <see cref="Master.ReplaceAsync"/>.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="release">What the new worker runs; default: what the slot runs.</param>
    /// <param name="order">Which of the two goes first.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ReplaceAsync(
        int slot, ReleaseDescription? release = null, ReplaceOrder order = ReplaceOrder.StartFirst, CancellationToken cancellationToken = default) =>
        AskAsync(new ReplaceRequest { Slot = slot, Release = release, Order = order }, cancellationToken);

    /// <summary>See <see cref="Master.ScaleAsync"/>.</summary>
    /// <param name="workerCount">The new number, 1 to <see cref="PoolOptions.MaxWorkerCount"/>.</param>
    /// <param name="release">What new slots run; default: what the last slot runs.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ScaleAsync(int workerCount, ReleaseDescription? release = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ScaleRequest { Workers = workerCount, Release = release }, cancellationToken);

    /// <summary>See <see cref="Master.RollAsync"/>.</summary>
    /// <param name="changes">What differs from the pool's own plan. Default: nothing; its release, resolved anew, is rolled out.</param>
    /// <param name="progress">Gets the events of the rollout, in order, each before the next one is read.</param>
    /// <param name="abortOnDisconnect">
    /// Whether the rollout is given up and rolled back when this process ends, or <paramref name="cancellationToken"/> is
    /// cancelled, before the verdict. Default: it goes on.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<Verdict> RollAsync(
        RolloutChanges? changes = null, IProgress<PoolEvent>? progress = null, bool abortOnDisconnect = false, CancellationToken cancellationToken = default) =>
        AskAsync(
            Path,
            new RollRequest { Plan = changes ?? new RolloutChanges(), AbortOnDisconnect = abortOnDisconnect },
            answer =>
            {
                if (EventOf(answer) is PoolEvent happened)
                {
                    progress?.Report(happened);
                }
            },
            cancellationToken);

    /// <summary>See <see cref="Master.PauseRolloutAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> PauseRolloutAsync(CancellationToken cancellationToken = default) => AskAsync(new PauseRequest(), cancellationToken);

    /// <summary>See <see cref="Master.ResumeRolloutAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ResumeRolloutAsync(CancellationToken cancellationToken = default) => AskAsync(new ResumeRequest(), cancellationToken);

    /// <summary>See <see cref="Master.AbortRolloutAsync"/>.</summary>
    /// <param name="rollBack">Whether every slot gets back what it ran before.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> AbortRolloutAsync(bool rollBack = true, CancellationToken cancellationToken = default) =>
        AskAsync(new AbortRequest { RollBack = rollBack }, cancellationToken);

    /// <summary>See <see cref="Master.SetWeightAsync"/>.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="weight">In relation to the other slots; 1 is ordinary; 0 to 1,000,000.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> SetWeightAsync(int slot, double weight, CancellationToken cancellationToken = default) =>
        AskAsync(new WeightRequest { Slot = slot, Weight = weight }, cancellationToken);

    /// <summary>See <see cref="Master.SetShareAsync"/>.</summary>
    /// <param name="label">The label of the release.</param>
    /// <param name="share">0 to 1; null: the release is one like the others again.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> SetShareAsync(string label, double? share, CancellationToken cancellationToken = default) =>
        AskAsync(new ShareRequest { Label = label, Share = share }, cancellationToken);

    /// <summary>See <see cref="Master.SuspendRespawnAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> SuspendRespawnAsync(CancellationToken cancellationToken = default) => AskAsync(new SuspendRespawnRequest(), cancellationToken);

    /// <summary>See <see cref="Master.ResumeRespawnAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ResumeRespawnAsync(CancellationToken cancellationToken = default) => AskAsync(new ResumeRespawnRequest(), cancellationToken);

    /// <summary>See <see cref="Master.ReopenLogsAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> ReopenLogsAsync(CancellationToken cancellationToken = default) => AskAsync(new ReopenLogsRequest(), cancellationToken);

    /// <summary>See <see cref="Master.StopAsync"/>.</summary>
    /// <param name="mode">Graceful or at once.</param>
    /// <param name="cancellationToken">Ends the waiting, not the command.</param>
    public Task<Verdict> StopAsync(StopMode mode = StopMode.Graceful, CancellationToken cancellationToken = default) =>
        AskAsync(new StopRequest { Mode = mode }, cancellationToken);

    /// <summary>What happens in the pool, from the first read on, until the pool has stopped.</summary>
    /// <remarks>A reader that falls more than 1,024 events behind loses the oldest; a <see cref="PoolEventKind.Warning"/> says how many.</remarks>
    /// <param name="last">How many of the events that were before come first; the master remembers 256; 0 or more.</param>
    /// <param name="follow">False: only those.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="ControlException">The master cannot be reached, or not any more.</exception>
    /// <exception cref="CommandException">The master refused.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<PoolEvent> ReadEventsAsync(
        int last = 0, bool follow = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using ControlConnection connection =
            await ControlConnection.OpenAsync(Path, new EventsRequest { Last = last, Follow = follow }, cancellationToken);
        while (true)
        {
            Answer answer = await connection.ReadAsync(cancellationToken);
            if (answer.Verdict is Verdict verdict)
            {
                verdict.EnsureDone();
                yield break;
            }

            if (EventOf(answer) is PoolEvent happened)
            {
                yield return happened;
            }
        }
    }

    private Task<Verdict> AskAsync(Request request, CancellationToken cancellationToken) => AskAsync(Path, request, static _ => { }, cancellationToken);

    private Task<Verdict> AskAsync(Request request, Action<Answer> read, CancellationToken cancellationToken) =>
        AskAsync(Path, request, read, cancellationToken);

    private static async Task<Verdict> AskAsync(string path, Request request, Action<Answer> read, CancellationToken cancellationToken)
    {
        using ControlConnection connection = await ControlConnection.OpenAsync(path, request, cancellationToken);
        while (true)
        {
            Answer answer = await connection.ReadAsync(cancellationToken);
            if (answer.Verdict is Verdict verdict)
            {
                return verdict;
            }

            read(answer);
        }
    }

    private static PoolEvent? EventOf(Answer answer) => answer.Lost is int lost
        ? new PoolEvent { Kind = PoolEventKind.Warning, Time = TimeProvider.System.GetUtcNow(), Message = $"{lost} events were lost, because they were not read in time." }
        : answer.Event;
}
