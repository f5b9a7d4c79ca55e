using WorkerPool.Processes.Privileges;
using Xunit;

namespace WorkerPool.Tests.Privileges;

/// <summary>On a directory that only looks like a cgroup: what is written where.</summary>
public sealed class CgroupParentTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("workerpool-").FullName;

    public CgroupParentTests()
    {
        File.WriteAllText(_parent + "/cgroup.procs", "");
        File.WriteAllText(_parent + "/cgroup.subtree_control", "cpu pids\n");
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void A_worker_gets_a_group_with_its_limits()
    {
        WorkerCgroup cgroup = Open(memoryMax: 1 << 30, cpuWeight: 50).Create(slot: 3, generation: 7);
        Assert.Equal($"{_parent}/worker-{Environment.ProcessId}-3-7", cgroup.Path);
        Assert.Equal("1073741824", File.ReadAllText(cgroup.Path + "/memory.max"));
        Assert.Equal("50", File.ReadAllText(cgroup.Path + "/cpu.weight"));
    }

    [Fact]
    public void Only_what_is_asked_for_is_given_on_and_written()
    {
        Assert.Empty(Directory.GetFiles(Open(null, null).Create(0, 1).Path));
        Open(memoryMax: null, cpuWeight: 50);
        Assert.Equal("cpu pids\n", File.ReadAllText(_parent + "/cgroup.subtree_control"));
        Open(memoryMax: 1 << 30, cpuWeight: null);
        Assert.Equal("+memory", File.ReadAllText(_parent + "/cgroup.subtree_control"));
    }

    [Fact]
    public async Task A_group_is_removed_when_it_is_empty()
    {
        WorkerCgroup cgroup = Open(null, null).Create(0, 1);
        Assert.Null(await cgroup.RemoveAsync(TimeProvider.System));
        Assert.False(Directory.Exists(cgroup.Path));
        Assert.Null(await cgroup.RemoveAsync(TimeProvider.System));
    }

    [Fact]
    public async Task A_group_that_something_is_left_in_is_told()
    {
        WorkerCgroup cgroup = Open(null, null).Create(0, 1);
        File.WriteAllText(cgroup.Path + "/left", "");
        Assert.Contains(cgroup.Path, await cgroup.RemoveAsync(TimeProvider.System), StringComparison.Ordinal);
    }

    [Fact]
    public void What_dead_masters_left_is_removed_and_nothing_else()
    {
        foreach (string name in (string[])["worker-11-0-1", "worker-22-0-1", "worker-x-0-1", "worker-11", "master"])
        {
            Directory.CreateDirectory($"{_parent}/{name}");
        }

        CgroupParent.Open(_parent, null, null, id => id == 22);
        Assert.Equal(["master", "worker-11", "worker-22-0-1", "worker-x-0-1"], Directory.GetDirectories(_parent).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_no_cgroup_is_refused() =>
        Assert.Equal("Processes.CgroupParent", Assert.Throws<ArgumentException>(() => CgroupParent.Open(Path.GetTempPath(), null, null, _ => true)).ParamName);

    private CgroupParent Open(long? memoryMax, int? cpuWeight) => CgroupParent.Open(_parent, memoryMax, cpuWeight, _ => true);
}
