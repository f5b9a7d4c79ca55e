using System.Globalization;

namespace WorkerPool.Systemd;

/// <summary>How often the service manager wants a sign of life; sd_watchdog_enabled(3). Pure.</summary>
internal static class Watchdog
{
    /// <summary>Half of what it waits; null: it does not watch this process.</summary>
    /// <param name="microseconds">WATCHDOG_USEC.</param>
    /// <param name="process">WATCHDOG_PID.</param>
    /// <param name="self">This process.</param>
    public static TimeSpan? Period(string? microseconds, string? process, int self) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time > 1
        && (string.IsNullOrEmpty(process) || process == self.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(time / 2)
            : null;
}
