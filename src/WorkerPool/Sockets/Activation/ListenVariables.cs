using System.Globalization;

namespace WorkerPool.Sockets.Activation;

/// <summary>Which sockets the service manager says it has passed to this process: sd_listen_fds_with_names(3). Pure.</summary>
/// <param name="Names">The names of the descriptors 3, 4, 5 …; empty: there are none for this process.</param>
/// <param name="Absence">Why there are none, as a sentence; null if there are.</param>
internal sealed record ListenVariables(IReadOnlyList<string> Names, string? Absence)
{
    public const string Process = "LISTEN_PID";
    public const string Count = "LISTEN_FDS";
    public const string FileNames = "LISTEN_FDNAMES";

    /// <summary>Process, in a newer form; read by others.</summary>
    public const string ProcessIdentity = "LISTEN_PIDFDID";

    /// <summary>What the manual gives to descriptors without a name.</summary>
    public const string NoName = "unknown";

    // More than any limit of descriptors.
    private const int MaxCount = 1 << 20;

    public static ListenVariables Read(Func<string, string?> variable, int self)
    {
        string? process = variable(Process);
        if (string.IsNullOrEmpty(process))
        {
            return None($"The environment has no {Process}: the service was not started by its socket unit, or something before this program took the variable away.");
        }

        if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int owner))
        {
            return None($"{Process} is \"{process}\", which is not a process.");
        }

        if (owner != self)
        {
            return None(Text($"{Process} is {owner} and this is process {self}: the sockets are for another one. A script in front of this program has to end with exec."));
        }

        return int.TryParse(variable(Count), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= MaxCount
            ? OfNames(count, variable(FileNames))
            : None($"{Count} is \"{variable(Count)}\", which is not a number of sockets.");
    }

    private static ListenVariables OfNames(int count, string? names)
    {
        string[] parts = names is null ? [.. Enumerable.Repeat(NoName, count)] : names.Split(':');
        return parts.Length == count
            ? new ListenVariables(parts, null)
            : None(Text($"{Count} is {count}, but {FileNames} has {parts.Length} names: \"{names}\"."));
    }

    private static ListenVariables None(string why) => new([], why);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
