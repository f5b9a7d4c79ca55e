namespace WorkerPool.Hosting.Configuration;

/// <summary>The keys of <see cref="PoolOptions"/>.</summary>
internal static class OptionKeys
{
    private static readonly Dictionary<string, Action<PoolOptions, string>> Setters = new(ProcessKeys.Setters, StringComparer.OrdinalIgnoreCase)
    {
        ["Name"] = (pool, text) => pool.Name = text,
        ["ControlPath"] = (pool, text) => pool.ControlPath = text,
        ["ControlGroup"] = (pool, text) => pool.ControlGroup = text,
        ["WorkerCount"] = (pool, text) => pool.WorkerCount = ValueText.Int32(text),
        ["StartDeadline"] = (pool, text) => pool.StartDeadline = ValueText.Time(text),
        ["ParallelStarts"] = (pool, text) => pool.ParallelStarts = ValueText.Int32(text),
        ["DrainDeadline"] = (pool, text) => pool.DrainDeadline = ValueText.Time(text),
        ["StopGrace"] = (pool, text) => pool.StopGrace = ValueText.Time(text),
        ["KillGrace"] = (pool, text) => pool.KillGrace = ValueText.Time(text),
        ["RetiredSocketLinger"] = (pool, text) => pool.RetiredSocketLinger = ValueText.Time(text),
        ["ReapOrphans"] = (pool, text) => pool.ReapOrphans = ValueText.Boolean(text),
        ["OnMasterLoss"] = (pool, text) => pool.OnMasterLoss = ValueText.Enum<MasterLoss>(text),
        ["RelayStandardError"] = (pool, text) => pool.RelayStandardError = ValueText.Boolean(text),
        ["StartNice"] = (pool, text) => pool.StartNice = ValueText.Int32(text),
        ["RuntimeDefaults"] = (pool, text) => pool.RuntimeDefaults = ValueText.Boolean(text),
        ["MemoryReserveBytes"] = (pool, text) => pool.MemoryReserveBytes = ValueText.Int64(text),
        ["Respawn:BaseDelay"] = (pool, text) => pool.Respawn.BaseDelay = ValueText.Time(text),
        ["Respawn:Factor"] = (pool, text) => pool.Respawn.Factor = ValueText.Double(text),
        ["Respawn:MaxDelay"] = (pool, text) => pool.Respawn.MaxDelay = ValueText.Time(text),
        ["Respawn:Jitter"] = (pool, text) => pool.Respawn.Jitter = ValueText.Double(text),
        ["Respawn:StableAfter"] = (pool, text) => pool.Respawn.StableAfter = ValueText.Time(text),
        ["Respawn:BreakerThreshold"] = (pool, text) => pool.Respawn.BreakerThreshold = ValueText.Int32(text),
        ["Respawn:BreakerPeriod"] = (pool, text) => pool.Respawn.BreakerPeriod = ValueText.Time(text),
        ["Steering:Enabled"] = (pool, text) => pool.Steering.Enabled = ValueText.Boolean(text),
        ["Steering:HandshakeLimit"] = (pool, text) => pool.Steering.HandshakeLimit = ValueText.Time(text),
        ["Steering:SlowStart"] = (pool, text) => pool.Steering.SlowStart = ValueText.Time(text),
        ["Steering:BalancePeriod"] = (pool, text) => pool.Steering.BalancePeriod = ValueText.Time(text),
        ["Recycle:Age"] = (pool, text) => pool.Recycle.Age = ValueText.Time(text),
        ["Recycle:Connections"] = (pool, text) => pool.Recycle.Connections = ValueText.Int64(text),
        ["Recycle:MemoryBytes"] = (pool, text) => pool.Recycle.MemoryBytes = ValueText.Int64(text),
        ["Recycle:Jitter"] = (pool, text) => pool.Recycle.Jitter = ValueText.Double(text),
        ["Recycle:Period"] = (pool, text) => pool.Recycle.Period = ValueText.Time(text),
        ["Liveness:Enabled"] = (pool, text) => pool.Liveness.Enabled = ValueText.Boolean(text),
        ["Liveness:Deadline"] = (pool, text) => pool.Liveness.Deadline = ValueText.Time(text),
        ["Liveness:AbortGrace"] = (pool, text) => pool.Liveness.AbortGrace = ValueText.Time(text),
        ["Signals:SIGHUP"] = (pool, text) => pool.Signals.SIGHUP = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGTERM"] = (pool, text) => pool.Signals.SIGTERM = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGQUIT"] = (pool, text) => pool.Signals.SIGQUIT = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGINT"] = (pool, text) => pool.Signals.SIGINT = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGTTIN"] = (pool, text) => pool.Signals.SIGTTIN = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGTTOU"] = (pool, text) => pool.Signals.SIGTTOU = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGWINCH"] = (pool, text) => pool.Signals.SIGWINCH = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGUSR1"] = (pool, text) => pool.Signals.SIGUSR1 = ValueText.Enum<SignalAction>(text),
        ["Signals:SIGUSR2"] = (pool, text) => pool.Signals.SIGUSR2 = ValueText.Enum<SignalAction>(text),
        ["Signals:SupersedeRollout"] = (pool, text) => pool.Signals.SupersedeRollout = ValueText.Boolean(text),
        ["Signals:ReopenLogsSignal"] = (pool, text) => pool.Signals.ReopenLogsSignal = ValueText.Int32(text),
        ["Systemd:KeepSockets"] = (pool, text) => pool.Systemd.KeepSockets = ValueText.Boolean(text),
        ["Systemd:Notify"] = (pool, text) => pool.Systemd.Notify = ValueText.Boolean(text),
    };

    public static IEnumerable<string> All => Setters.Keys;

    /// <summary>False: there is no such key.</summary>
    public static bool TrySet(PoolOptions options, string key, string value)
    {
        if (!Setters.TryGetValue(key, out Action<PoolOptions, string>? set))
        {
            return false;
        }

        set(options, value);
        return true;
    }

    /// <summary>Which keys are there instead, as a sentence.</summary>
    public static string Nearest(string key)
    {
        string group = key.Contains(':', StringComparison.Ordinal) ? key[..(key.IndexOf(':', StringComparison.Ordinal) + 1)] : "";
        string[] inGroup = [.. Setters.Keys.Where(known => known.StartsWith(group, StringComparison.OrdinalIgnoreCase) && group.Length > 0)];
        return inGroup.Length > 0
            ? $"There are {string.Join(", ", inGroup)}."
            : $"There are {string.Join(", ", Setters.Keys.Where(known => !known.Contains(':', StringComparison.Ordinal)))}, and the groups Respawn, Steering, Recycle, Liveness, Processes, Signals, Systemd, Endpoints, Weights and Shares.";
    }
}
