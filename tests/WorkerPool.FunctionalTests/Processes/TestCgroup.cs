using System.Globalization;
using WorkerPool.Processes;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>A cgroup of a test's own, within one that this process is in.</summary>
internal sealed class TestCgroup : IDisposable
{
    public const string Name = "workerpool-test";

    private TestCgroup(string path) => Path = path;

    public string Path { get; }

    /// <summary>One with a memory limit, where memory is given on already: nothing is changed for the sake of a test. Null if that is not to be had here.</summary>
    public static TestCgroup? TryCreate(IEnumerable<string> levels, long limit) => TryCreate(
        levels.FirstOrDefault(GivesMemoryOn),
        path => File.WriteAllText(path + "/memory.max", limit.ToString(CultureInfo.InvariantCulture)));

    /// <summary>One in which workers may have theirs. Null if that is not to be had here.</summary>
    public static TestCgroup? TryCreateParent()
    {
        IReadOnlyList<string> levels = CgroupPath.Directories(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText("/proc/self/mountinfo"));
        return TryCreate(levels.Count == 0 ? null : levels[^1], static _ => { });
    }

    private static TestCgroup? TryCreate(string? within, Action<string> limit)
    {
        if (within is null)
        {
            return null;
        }

        try
        {
            string path = Directory.CreateDirectory($"{within}/{Name}-{Environment.ProcessId}").FullName;
            limit(path);
            return new TestCgroup(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool GivesMemoryOn(string level) =>
        File.Exists(level + "/cgroup.subtree_control") && File.ReadAllText(level + "/cgroup.subtree_control").Split().Contains("memory");

    // Its files go with it, so not recursively.
    public void Dispose() => Directory.Delete(Path);
}
