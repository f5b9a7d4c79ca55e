using System.Globalization;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>A cgroup of a test's own, with a memory limit, within one that this process is in.</summary>
internal sealed class TestCgroup : IDisposable
{
    public const string Name = "workerpool-test";

    private TestCgroup(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null if that is not to be had here.</summary>
    public static TestCgroup? TryCreate(IEnumerable<string> levels, long limit)
    {
        // Where it is not given on already nothing is changed for the sake of a test.
        if (levels.FirstOrDefault(GivesMemoryOn) is not string parent)
        {
            return null;
        }

        string path = $"{parent}/{Name}-{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(path + "/memory.max", limit.ToString(CultureInfo.InvariantCulture));
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
