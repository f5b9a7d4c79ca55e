using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Sockets;

namespace WorkerPool;

/// <summary>What a pool is: its workers, its endpoints, its deadlines. Read once, by the master.</summary>
public sealed class PoolOptions
{
    /// <summary>The largest number of slots in a pool.</summary>
    public const int MaxWorkerCount = 1024;

    private readonly List<ListenEndpoint> _endpoints = [];

    /// <summary>How many workers the pool starts with. Default: one for each processor; 1 to <see cref="MaxWorkerCount"/>.</summary>
    public int WorkerCount { get; set; } = Environment.ProcessorCount;

    /// <summary>What the workers run. Default: this program again, see <see cref="Release.Current"/>.</summary>
    public Release? Release { get; set; }

    /// <summary>The endpoints that the pool listens on, in the order of <see cref="Listen(ListenEndpoint)"/>; may be empty.</summary>
    public IReadOnlyList<ListenEndpoint> Endpoints => _endpoints;

    /// <summary>The time that a new worker has to get ready, from the start of its process. Default 30 s; more than 0.</summary>
    public TimeSpan StartDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many workers may start at a time, whatever it is that wants them: the first start, a respawn, a rollout (whose
    /// own bounds hold besides). The others wait, those first in line that nobody stands in for, and their
    /// <see cref="StartDeadline"/> counts from their own start. A worker that is not ready after 2 s lets the next one start
    /// all the same. Default: two for each processor; 1 to <see cref="MaxWorkerCount"/>, which lets all start at once.
    /// </summary>
    public int ParallelStarts { get; set; } = Math.Min(MaxWorkerCount, 2 * Environment.ProcessorCount);

    /// <summary>The time that a draining worker has to finish what it serves. Default 30 s; 0 or more.</summary>
    public TimeSpan DrainDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time from the drain deadline (the worker is told to stop) to SIGTERM. Default 5 s; 0 or more.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The time from SIGTERM to SIGKILL. Default 2 s; 0 or more.</summary>
    public TimeSpan KillGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the master keeps the listening sockets of a removed slot open, passing what still arrives to a live
    /// worker: a handshake that has begun stays with its socket, and may be repeated for about a minute (tcp(7),
    /// <c>tcp_synack_retries</c>). Default 60 s; 0 or more.
    /// </summary>
    public TimeSpan RetiredSocketLinger { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>When a worker that died unasked is started again.</summary>
    public RespawnOptions Respawn { get; private init; } = new();

    /// <summary>How new connections are spread over the slots.</summary>
    public SteeringOptions Steering { get; private init; } = new();

    /// <summary>When a worker that does well is replaced all the same. Default: never.</summary>
    public RecycleOptions Recycle { get; private init; } = new();

    /// <summary>When a worker that hangs is killed. Default: after 60 s without a heartbeat.</summary>
    public LivenessOptions Liveness { get; private init; } = new();

    /// <summary>What signals to the master do.</summary>
    public SignalOptions Signals { get; private init; } = new();

    /// <summary>How the master works with systemd.</summary>
    public SystemdOptions Systemd { get; private init; } = new();

    /// <summary>
    /// Plans a rollout that is asked for from outside (SIGHUP, the control socket). Called each time, on a thread of the
    /// pool's; what it throws ends up in an event, and there is no rollout. Default (null): the release of the workers, resolved
    /// anew (<see cref="WorkerPool.Release.Refresh"/>), with a plan's defaults.
    /// </summary>
    public Func<RolloutPlan>? PlanRollout { get; set; }

    /// <summary>As whom the workers run, what they may not do, and what they may take. Default: all is as the master has it.</summary>
    public WorkerProcessOptions Processes { get; private init; } = new();

    /// <summary>
    /// Whether processes that lose their parent below the master, because a worker or one of its children ended before its own
    /// children, come to the master (a subreaper, prctl(2)) and are collected when they end. Default false: they come to process
    /// 1. A master that is process 1, in a container, collects them in any case. It stays so until the process ends.
    /// </summary>
    /// <remarks>
    /// Processes in the master's own process group are left to the host: those that it started, and what these left behind.
    /// </remarks>
    public bool ReapOrphans { get; set; }

    /// <summary>What a worker does when the master ends without having stopped it. Default: it drains.</summary>
    public MasterLoss OnMasterLoss { get; set; }

    /// <summary>
    /// Whether what workers write to standard error passes through the master, which copies it to its own and keeps
    /// the last lines for verdicts. Default true. With false the workers inherit the master's, and verdicts have no lines.
    /// </summary>
    /// <remarks>
    /// While the master's own standard error blocks, because nobody reads it, workers that write more than a pipe holds
    /// (64 KiB, pipe(7)) wait, as they would if they had inherited it; the master goes on.
    /// </remarks>
    public bool RelayStandardError { get; set; } = true;

    /// <summary>
    /// What is added to the nice value of a worker while it starts, see sched(7), so that its compilation does not take
    /// the processor away from the workers that serve; when it is ready, or has not been for 5 s, its threads get back what they had. Default 10;
    /// 0 (off) to 19. A master that may not raise priorities (no <c>CAP_SYS_NICE</c>, <c>RLIMIT_NICE</c> too low) warns
    /// once and lowers none. A thread that the worker gives another nice value keeps that one; a process that the worker
    /// starts before it is ready keeps the low priority.
    /// </summary>
    public int StartNice { get; set; } = 10;

    /// <summary>
    /// Whether the master adds variables to the environment of its workers that adapt the .NET runtime to many processes on few
    /// processors: at present <c>DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0</c>, unless there are two processors or more for each
    /// worker. Default true. A variable that the master's own environment has, or <see cref="Release.Environment"/> (with
    /// <see langword="null"/>: none), is left as it is. docs/tuning.md has the reasons and the figures.
    /// </summary>
    public bool RuntimeDefaults { get; set; } = true;

    /// <summary>
    /// How much memory has to stay free, in bytes, when the pool decides whether a new worker may start before the old one
    /// has ended: for what the live workers take more meanwhile, and for a start that needs more for a moment than the
    /// worker does later. Default 64 MiB; 0 or more.
    /// </summary>
    public long MemoryReserveBytes { get; set; } = 64L << 20;

    /// <summary>
    /// The name of the pool, which tells it from others in metrics and traces (the tag <c>workerpool.pool</c>). Default
    /// <c>"default"</c>; not empty. Give each its own if a process has several.
    /// </summary>
    public string Name { get; set; } = "default";

    /// <summary>
    /// What makes the meter <c>WorkerPool</c>, see docs/metrics.md. Default (null): the master makes its own, and disposes
    /// it with itself. A meter that a factory makes lives as long as the factory; of a pool that was disposed it shows nothing
    /// any more.
    /// </summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// The path of the control socket, over which operators give the master commands while it runs: the
    /// <c>workerpool</c> tool, <see cref="ControlClient"/>, or a person with <c>socat</c>. An absolute path of at most 107
    /// bytes (unix(7)) in a directory that exists. Default (null): none.
    /// </summary>
    /// <remarks>
    /// Only the master's own user and root may give commands, by the mode of the file (0600) and by what the kernel says
    /// about the other end. A socket file that a crashed master left is taken over, one that a live one serves is not.
    /// </remarks>
    public string? ControlPath { get; set; }

    /// <summary>
    /// A group, by name or number, whose members may give commands too; the mode of the socket file is 0660 then.
    /// Default (null): none. A master that is not root must be in it.
    /// </summary>
    public string? ControlGroup { get; set; }

    /// <summary>Where the master logs to. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What the caller changes later must not reach a pool that runs.</summary>
    internal PoolOptions Copy()
    {
        PoolOptions copy = new()
        {
            WorkerCount = WorkerCount,
            Release = Release,
            StartDeadline = StartDeadline,
            ParallelStarts = ParallelStarts,
            DrainDeadline = DrainDeadline,
            StopGrace = StopGrace,
            KillGrace = KillGrace,
            RetiredSocketLinger = RetiredSocketLinger,
            Respawn = Respawn.Copy(),
            Steering = Steering.Copy(),
            Recycle = Recycle.Copy(),
            Liveness = Liveness.Copy(),
            Signals = Signals.Copy(),
            Systemd = Systemd.Copy(),
            PlanRollout = PlanRollout,
            Processes = Processes.Copy(),
            ReapOrphans = ReapOrphans,
            OnMasterLoss = OnMasterLoss,
            RelayStandardError = RelayStandardError,
            StartNice = StartNice,
            RuntimeDefaults = RuntimeDefaults,
            MemoryReserveBytes = MemoryReserveBytes,
            Name = Name,
            MeterFactory = MeterFactory,
            ControlPath = ControlPath,
            ControlGroup = ControlGroup,
            LoggerFactory = LoggerFactory,
            TimeProvider = TimeProvider,
        };
        copy._endpoints.AddRange(_endpoints.Select(endpoint => endpoint.Copy()));
        return copy;
    }

    /// <summary>Adds an endpoint.</summary>
    /// <param name="name">The name that workers ask for; unique in the pool, see <see cref="ListenEndpoint.Name"/>.</param>
    /// <param name="address">Where to listen, in the notation of <see cref="ListenEndpoint.Parse"/>.</param>
    /// <returns>The endpoint, to set what it has besides.</returns>
    /// <exception cref="FormatException">The address is not valid.</exception>
    /// <exception cref="ArgumentException">The name is not valid or already in use.</exception>
    public ListenEndpoint Listen(string name, string address) => Listen(ListenEndpoint.Parse(name, address));

    /// <summary>
    /// Adds an endpoint that listens on the sockets which the service manager passes under a name (socket activation,
    /// sd_listen_fds(3)); the same as <see cref="Listen(string, string)"/> with <c>systemd:NAME</c>.
    /// </summary>
    /// <remarks>
    /// TCP sockets with <c>SO_REUSEPORT</c> (<c>ReusePort=yes</c>) are those of the first slots, and the pool opens one for each
    /// other slot. From one without it all slots accept, and new connections are not steered; so with Unix sockets.
    /// docs/systemd.md has the whole.
    /// </remarks>
    /// <param name="name">The name that workers ask for; unique in the pool, see <see cref="ListenEndpoint.Name"/>.</param>
    /// <param name="socketName">The name of the sockets, see <see cref="SystemdEndPoint"/>; default: that of the endpoint.</param>
    /// <returns>The endpoint, to set what it has besides.</returns>
    /// <exception cref="FormatException">No socket can have this name.</exception>
    /// <exception cref="ArgumentException">The name is not valid or already in use.</exception>
    public ListenEndpoint ListenActivated(string name, string? socketName = null) =>
        Listen(name, AddressText.SystemdPrefix + (socketName ?? name));

    /// <summary>Adds an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="ArgumentException">The pool has an endpoint of that name already.</exception>
    public ListenEndpoint Listen(ListenEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (_endpoints.Any(other => other.Name == endpoint.Name))
        {
            throw new ArgumentException(
                $"The pool already has an endpoint named \"{endpoint.Name}\". Give each endpoint its own name.", nameof(endpoint));
        }

        _endpoints.Add(endpoint);
        return endpoint;
    }

    /// <summary>Where the endpoints turned out to be; the same ones, in the same order.</summary>
    internal void Resolve(IEnumerable<ListenEndpoint> endpoints)
    {
        ListenEndpoint[] resolved = [.. endpoints];
        _endpoints.Clear();
        _endpoints.AddRange(resolved);
    }

    /// <summary>Adds an endpoint, in the place of one that has its name, if there is one.</summary>
    internal void ListenInstead(ListenEndpoint endpoint)
    {
        int index = _endpoints.FindIndex(other => string.Equals(other.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            _endpoints.Add(endpoint);
        }
        else
        {
            _endpoints[index] = ListenEndpoint.Parse(_endpoints[index].Name, endpoint.Address).With(_endpoints[index]);
        }
    }
}
