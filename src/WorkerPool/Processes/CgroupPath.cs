using System.Text;

namespace WorkerPool.Processes;

/// <summary>Where the cgroup of this process is in the file system, cgroups(7).</summary>
internal static class CgroupPath
{
    private const string UnifiedEntry = "0::";
    private const string Deleted = " (deleted)";

    /// <summary>
    /// The directories of the cgroup and of all that it lies in, the innermost first, up to the root of the mount. None
    /// without cgroup v2, or if the mount does not show this cgroup.
    /// </summary>
    /// <param name="cgroups">The text of /proc/self/cgroup: the line <c>0::PATH</c> is that of cgroup v2.</param>
    /// <param name="mounts">The text of /proc/self/mountinfo, proc_pid_mountinfo(5).</param>
    public static IReadOnlyList<string> Directories(string cgroups, string mounts)
    {
        string? path = cgroups.Split('\n').FirstOrDefault(line => line.StartsWith(UnifiedEntry, StringComparison.Ordinal))?[UnifiedEntry.Length..];
        return path is null ? [] : Mounts(mounts)
            .Select(mount => (mount.Point, Relative: Below(mount.Root, WithoutMark(path))))
            .Where(mount => mount.Relative is not null)
            .Select(mount => Levels(mount.Point, mount.Relative!))
            .FirstOrDefault([]);
    }

    // ID PARENT DEVICE ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE OPTIONS
    private static IEnumerable<(string Root, string Point)> Mounts(string mounts) =>
        from line in mounts.Split('\n')
        let words = line.Split(' ')
        let separator = Array.IndexOf(words, "-")
        where separator >= 6 && words.ElementAtOrDefault(separator + 1) == "cgroup2"
        select (Unescape(words[3]), Unescape(words[4]));

    /// <summary>
    /// The path seen from the root of the mount. A container may see a part of the hierarchy only, and a cgroup outside
    /// of its namespace is shown with "..", cgroup_namespaces(7).
    /// </summary>
    private static string? Below(string root, string path)
    {
        string start = root.TrimEnd('/') + "/";
        return path.Split('/').Contains("..") ? null
            : (path + "/").StartsWith(start, StringComparison.Ordinal) ? path[Math.Min(path.Length, start.Length)..].Trim('/')
            : null;
    }

    private static IReadOnlyList<string> Levels(string point, string relative)
    {
        string[] names = relative.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return [.. Enumerable.Range(0, names.Length + 1).Select(left => string.Join('/', names[..^left].Prepend(point.TrimEnd('/'))))];
    }

    private static string WithoutMark(string path) => path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path;

    /// <summary>Blanks and the like are written as three octal digits; they may be parts of a character in UTF-8.</summary>
    private static string Unescape(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = 0;
        for (int i = 0; i < bytes.Length; length++)
        {
            bool escaped = bytes[i] == '\\' && i + 3 < bytes.Length;
            bytes[length] = escaped ? (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0')) : bytes[i];
            i += escaped ? 4 : 1;
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
