using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using WorkerPool.Sockets;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime.Telemetry;

/// <summary>
/// What monitoring sees of a pool. The loop shows it every action that it does, and nothing else in the master knows of
/// metrics and traces. While nobody listens it costs a comparison or two for each action.
/// </summary>
internal sealed class PoolTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "WorkerPool";

    private readonly Meter? _ownMeter;
    private readonly StateMetrics _states;
    private readonly PoolTraces _traces;
    private readonly Action<SupervisionAction>[] _recorders;
    private readonly ILogger _logger;
    private bool _failureIsTold;

    /// <param name="options">Of the pool.</param>
    /// <param name="status">The picture of the pool; called from any thread.</param>
    /// <param name="queues">The accept queues; called from any thread.</param>
    /// <param name="logger">Is told of listeners that fail.</param>
    public PoolTelemetry(PoolOptions options, Func<PoolStatus> status, Func<IEnumerable<SlotQueue>> queues, ILogger logger)
    {
        _logger = logger;
        // One that a factory makes is the factory's, and other pools may have the same.
        Meter meter = options.MeterFactory?.Create(new MeterOptions(Name) { Version = Version }) ?? (_ownMeter = new Meter(Name, Version));
        KeyValuePair<string, object?> pool = Tags.Tag(Tags.Pool, options.Name);
        _states = new StateMetrics(meter, pool, status, queues);
        _traces = new PoolTraces(pool, options.TimeProvider);
        _recorders = [new EventMetrics(meter, pool).Record, _states.Record, _traces.Record];
    }

    public static string? Version { get; } = typeof(PoolTelemetry).Assembly.GetName().Version?.ToString(3);

    /// <summary>The span of the caller of a command, if anybody listens: what is done for the command is a part of it.</summary>
    public static ActivityContext Caller() => PoolTraces.Caller();

    /// <summary>A command begins. In the master's loop, as all that follows.</summary>
    public void Begin(int command, ActivityContext caller) => _traces.Begin(command, caller);

    /// <summary>An action is done. A listener of the host's that throws is said so once, and does not end the pool.</summary>
    public void Record(SupervisionAction action)
    {
        foreach (Action<SupervisionAction> record in _recorders)
        {
            try
            {
                record(action);
            }
            catch (Exception e)
            {
                if (!_failureIsTold)
                {
                    _failureIsTold = true;
                    MasterLog.ListenerFailed(_logger, e);
                }
            }
        }
    }

    public void Dispose()
    {
        _states.Dispose();
        _traces.Dispose();
        _ownMeter?.Dispose();
    }
}
