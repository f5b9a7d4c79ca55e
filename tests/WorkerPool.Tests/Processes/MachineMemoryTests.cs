using WorkerPool.Processes;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Processes;

/// <summary>On a tree of files that stands for /proc and the cgroup file system.</summary>
public sealed class MachineMemoryTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public MachineMemoryTests()
    {
        _root.AddFile("meminfo", "MemTotal: 4000 kB\nMemAvailable:    1000 kB\n");
        _root.AddFile("self/cgroup", "0::/outer/inner\n");
        _root.AddFile("self/mountinfo", $"30 23 0:26 / {_root.Path}/cgroups rw - cgroup2 cgroup2 rw\n");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_limits_it_is_what_the_machine_has() =>
        Assert.Equal(new MemoryAmount(1000 * 1024, "MemAvailable"), MachineMemory.Read(_root.Path));

    [Theory]
    [InlineData("outer/inner")]
    [InlineData("outer")]
    [InlineData("")]
    public void The_tightest_level_counts(string tight)
    {
        foreach (string level in (string[])["outer/inner", "outer", ""])
        {
            Limit(level, level == tight ? "700000" : "800000");
        }

        MemoryAmount amount = MachineMemory.Read(_root.Path);
        Assert.Equal(700_000 - 200_000, amount.Bytes);
        Assert.Equal($"memory.max of {_root.Path}/cgroups/{tight}".TrimEnd('/'), amount.Source);
    }

    [Fact]
    public void A_limit_beyond_the_machines_memory_does_not_count()
    {
        Limit("outer", "2000000000");
        Assert.Equal("MemAvailable", MachineMemory.Read(_root.Path).Source);
    }

    [Fact]
    public void Without_meminfo_it_is_not_known()
    {
        File.Delete(_root.Combine("meminfo"));
        Limit("outer", "700000");
        MemoryAmount amount = MachineMemory.Read(_root.Path);
        Assert.Null(amount.Bytes);
        Assert.Contains("MemAvailable", amount.Source, StringComparison.Ordinal);
    }

    private void Limit(string level, string max)
    {
        _root.AddFile($"cgroups/{level}/memory.max", max + "\n");
        _root.AddFile($"cgroups/{level}/memory.high", "max\n");
        _root.AddFile($"cgroups/{level}/memory.current", "300000\n");
        _root.AddFile($"cgroups/{level}/memory.stat", "anon 100000\ninactive_file 100000\nactive_file 50000\n");
    }
}
