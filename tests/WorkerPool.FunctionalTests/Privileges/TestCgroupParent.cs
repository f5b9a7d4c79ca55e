using WorkerPool.Processes;

namespace WorkerPool.FunctionalTests.Privileges;

/// <summary>A cgroup of a test's own in which workers may have theirs.</summary>
internal sealed class TestCgroupParent : IDisposable
{
    public const string Name = "workerpool-parent-test";

    private TestCgroupParent(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null if that is not to be had here.</summary>
    public static TestCgroupParent? TryCreate()
    {
        IReadOnlyList<string> levels = CgroupPath.Directories(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText("/proc/self/mountinfo"));
        try
        {
            return levels.Count == 0 ? null : new TestCgroupParent(Directory.CreateDirectory($"{levels[^1]}/{Name}").FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Its files go with it, so not recursively.
    public void Dispose() => Directory.Delete(Path);
}
