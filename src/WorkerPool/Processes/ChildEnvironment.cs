using System.Collections;

namespace WorkerPool.Processes;

/// <summary>
/// The environment of a child: defaults, the master's without what is the master's alone, its user's, the release's changes,
/// the library's own.
/// </summary>
internal static class ChildEnvironment
{
    /// <summary>What the library itself tells workers begins so.</summary>
    public const string OwnPrefix = "WORKERPOOL_";

    // What systemd tells its service, sd_notify(3) and sd_listen_fds(3): a worker that read it would answer in the
    // master's name.
    private static readonly HashSet<string> MastersAlone =
    [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE",
        "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES",
    ];

    // The runtime's variables have two prefixes, and it reads both.
    private const string RuntimePrefix = "DOTNET_";
    private const string FormerRuntimePrefix = "COMPlus_";

    /// <summary>The variables as <c>NAME=value</c>; later sources win.</summary>
    public static string[] Compose(
        IReadOnlyDictionary<string, string> defaults,
        IDictionary inherited,
        IReadOnlyDictionary<string, string?> ofUser,
        IReadOnlyDictionary<string, string?> ofRelease,
        IReadOnlyDictionary<string, string> own)
    {
        Dictionary<string, string> result = [];
        foreach ((string name, string value) in defaults)
        {
            string formerName = FormerName(name);
            if (!inherited.Contains(formerName) && !ofRelease.ContainsKey(formerName))
            {
                result[name] = value;
            }
        }

        foreach (DictionaryEntry entry in inherited)
        {
            string name = (string)entry.Key;
            if (!MastersAlone.Contains(name) && !name.StartsWith(OwnPrefix, StringComparison.Ordinal))
            {
                result[name] = (string?)entry.Value ?? "";
            }
        }

        foreach ((string name, string? value) in ofUser.Concat(ofRelease))
        {
            Change(result, name, value);
        }

        foreach ((string name, string value) in own)
        {
            Change(result, name, value);
        }

        return [.. result.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static string FormerName(string name) =>
        name.StartsWith(RuntimePrefix, StringComparison.Ordinal) ? FormerRuntimePrefix + name[RuntimePrefix.Length..] : name;

    private static void Change(Dictionary<string, string> environment, string name, string? value)
    {
        if (value is null)
        {
            environment.Remove(name);
        }
        else
        {
            environment[name] = value;
        }
    }
}
