using System.Net;
using WorkerPool.Processes;
using WorkerPool.Signals;
using WorkerPool.Sockets;
using WorkerPool.Sockets.Activation;

namespace WorkerPool.Runtime;

/// <summary>Says which option is out of its range, before anything is started.</summary>
internal static class OptionsCheck
{
    // What timers take; see TimeProvider.CreateTimer.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public static void Check(PoolOptions options)
    {
        RespawnOptions respawn = options.Respawn;
        Range(nameof(options.WorkerCount), options.WorkerCount, 1, PoolOptions.MaxWorkerCount);
        Time(nameof(options.StartDeadline), options.StartDeadline, TimeSpan.FromMilliseconds(1));
        Time(nameof(options.DrainDeadline), options.DrainDeadline, TimeSpan.Zero);
        Time(nameof(options.StopGrace), options.StopGrace, TimeSpan.Zero);
        Time(nameof(options.KillGrace), options.KillGrace, TimeSpan.Zero);
        Time(nameof(options.RetiredSocketLinger), options.RetiredSocketLinger, TimeSpan.Zero);
        Range(nameof(options.ParallelStarts), options.ParallelStarts, 1, PoolOptions.MaxWorkerCount);
        Range(nameof(options.StartNice), options.StartNice, 0, 19);
        Range(nameof(options.MemoryReserveBytes), options.MemoryReserveBytes, 0, long.MaxValue);
        Time("Respawn.BaseDelay", respawn.BaseDelay, TimeSpan.FromMilliseconds(1));
        Time("Respawn.MaxDelay", respawn.MaxDelay, respawn.BaseDelay);
        Time("Respawn.StableAfter", respawn.StableAfter, TimeSpan.Zero);
        Time("Respawn.BreakerPeriod", respawn.BreakerPeriod, TimeSpan.FromMilliseconds(1));
        Time("Steering.HandshakeLimit", options.Steering.HandshakeLimit, TimeSpan.Zero);
        Time("Steering.BalancePeriod", options.Steering.BalancePeriod ?? Longest, TimeSpan.FromMilliseconds(1));
        Time("Steering.SlowStart", options.Steering.SlowStart, TimeSpan.Zero);
        Range("Respawn.Factor", respawn.Factor, 1, 100);
        Range("Respawn.Jitter", respawn.Jitter, 0, 1);
        Range("Respawn.BreakerThreshold", respawn.BreakerThreshold, 1, int.MaxValue);
        Time("Recycle.Age", options.Recycle.Age ?? Longest, TimeSpan.FromSeconds(1));
        Range("Recycle.Connections", options.Recycle.Connections ?? 1, 1, long.MaxValue);
        Range("Recycle.MemoryBytes", options.Recycle.MemoryBytes ?? 1, 1, long.MaxValue);
        Time("Recycle.Period", options.Recycle.Period, TimeSpan.FromMilliseconds(100));
        Range("Recycle.Jitter", options.Recycle.Jitter, 0, 0.5);
        Time("Liveness.Deadline", options.Liveness.Deadline, TimeSpan.FromSeconds(1));
        Time("Liveness.AbortGrace", options.Liveness.AbortGrace ?? Longest, TimeSpan.Zero);
        Check(options.Signals);
        SocketsOnce(options.Endpoints);
        KeptNames(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Name, nameof(options.Name));
        ControlPath(options.ControlPath);
        ProcessOptionsCheck.Check(options.Processes);
        ArgumentNullException.ThrowIfNull(options.LoggerFactory, nameof(options.LoggerFactory));
        ArgumentNullException.ThrowIfNull(options.TimeProvider, nameof(options.TimeProvider));
    }

    public static void Check(RolloutPlan plan)
    {
        Least(nameof(plan.Count), plan.Count ?? 1, 1);
        Least(nameof(plan.Parallelism), plan.Parallelism, 1);
        Least(nameof(plan.Surge), plan.Surge, plan.Order == ReplaceOrder.StartFirst || plan.Unavailable == 0 ? 1 : 0);
        Least(nameof(plan.Unavailable), plan.Unavailable, plan.Order == ReplaceOrder.StopFirst || plan.Surge == 0 ? 1 : 0);
        Least(nameof(plan.MaxFailures), plan.MaxFailures, 0);
        Least(nameof(plan.MaxLingering), plan.MaxLingering, 0);
        Time(nameof(plan.Bake), plan.Bake, TimeSpan.Zero);
        Time(nameof(plan.StartDeadline), plan.StartDeadline ?? Longest, TimeSpan.FromMilliseconds(1));
        Time(nameof(plan.DrainDeadline), plan.DrainDeadline ?? Longest, TimeSpan.Zero);
        Time(nameof(plan.Deadline), plan.Deadline ?? Longest, TimeSpan.FromMilliseconds(1));
        if (plan.Slots is IReadOnlyList<int> slots && (slots.Count == 0 || slots.Distinct().Count() != slots.Count))
        {
            throw new ArgumentException($"The slots of a plan must be at least one, and each only once: {string.Join(", ", slots)}.", nameof(plan));
        }
    }

    private static void Check(SignalOptions options)
    {
        foreach ((int number, SignalAction action) in SignalTable.Of(options, hasTerminal: false))
        {
            Range($"Signals.{SignalNames.NameOf(number)}", action, SignalAction.Untouched, SignalAction.Upgrade);
        }

        if (options.ReopenLogsSignal is int signal && !SignalTable.MaySend(signal))
        {
            throw OutOfRange("Signals.ReopenLogsSignal", signal, "Signals.ReopenLogsSignal must be the number of a signal, 1 to 64, other than 9, 19 and 32 to 34.");
        }
    }

    /// <summary>How much a slot counts in relation to others.</summary>
    public static void Weight(double weight) => Range(nameof(weight), weight, 0, 1_000_000);

    /// <summary>A part of the whole.</summary>
    public static void Share(double share) => Range(nameof(share), share, 0, 1);

    private static void SocketsOnce(IReadOnlyList<ListenEndpoint> endpoints)
    {
        foreach (IGrouping<EndPoint, ListenEndpoint> group in endpoints.Where(one => one.EndPoint is SystemdEndPoint).GroupBy(one => one.EndPoint))
        {
            if (group.Count() > 1)
            {
                throw new ArgumentException(
                    $"The endpoints {string.Join(" and ", group.Select(endpoint => endpoint.Name))} are both {group.Key}. One endpoint has all sockets of a name.", nameof(endpoints));
            }
        }
    }

    private static void KeptNames(PoolOptions options)
    {
        if (options.Systemd.KeepSockets && options.Endpoints.FirstOrDefault(endpoint => endpoint.Name.Length > StoredName.MaxEndpointLength) is ListenEndpoint endpoint)
        {
            throw new ArgumentException(
                $"The name of endpoint \"{endpoint.Name}\" is too long for Systemd.KeepSockets: at most {StoredName.MaxEndpointLength} characters.", nameof(options));
        }
    }

    private static void ControlPath(string? path)
    {
        try
        {
            if (path is not null && AddressText.PathOf(AddressText.Parse("unix:" + path, out _)) is null)
            {
                throw new FormatException("It has no file, and so no mode that keeps others out.");
            }
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"ControlPath \"{path}\" cannot be the path of a control socket. {e.Message}", nameof(path), e);
        }
    }

    private static void Least(string name, int value, int least) => Range(name, value, least, int.MaxValue);

    public static void Time(string name, TimeSpan value, TimeSpan least) => Range(name, value, least, Longest);

    public static void Range<T>(string name, T value, T least, T most)
        where T : IComparable
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw OutOfRange(name, value, $"{name} must be from {least} to {most}.");
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string message) => new(name, value, message);
}
