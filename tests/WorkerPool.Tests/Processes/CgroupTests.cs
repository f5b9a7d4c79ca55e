using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class CgroupTests
{
    private const string Unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    [Fact]
    public void The_levels_go_from_the_cgroup_to_the_root_of_the_mount() => Assert.Equal(
        ["/sys/fs/cgroup/system.slice/app.service", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup"],
        CgroupPath.Directories("0::/system.slice/app.service\n", Unified + "\n"));

    [Theory]
    [InlineData("0::/", "/sys/fs/cgroup")] // the root, or the root of a cgroup namespace
    [InlineData("0::/a (deleted)", "/sys/fs/cgroup/a")]
    [InlineData("0::/a:b", "/sys/fs/cgroup/a:b")]
    public void The_innermost_level(string cgroups, string directory) =>
        Assert.Equal(directory, CgroupPath.Directories(cgroups, Unified)[0]);

    [Theory]
    [InlineData("/docker/abc", "0::/docker/abc", "/sys/fs/cgroup")]
    [InlineData("/docker/abc", "0::/docker/abc/inner", "/sys/fs/cgroup/inner")]
    [InlineData("/docker/abc", "0::/docker/abcdef", null)]
    [InlineData("/docker/abc", "0::/other", null)]
    [InlineData("/", "0::/../other", null)]
    [InlineData("/..", "0::/app", null)]
    public void A_mount_that_shows_a_part_only(string root, string cgroups, string? innermost)
    {
        string mounts = $"30 23 0:26 {root} /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
        Assert.Equal(innermost, CgroupPath.Directories(cgroups, mounts) is [string first, ..] ? first : null);
    }

    [Fact]
    public void Beside_hierarchies_of_version_1_the_unified_one_is_found()
    {
        const string Cgroups = "9:name=systemd:/\n4:memory:/limited\n0::/app\n";
        const string Mounts = """
            31 23 0:27 / /sys/fs/cgroup/memory rw,relatime shared:5 - cgroup cgroup rw,memory
            32 23 0:28 / /sys/fs/cgroup/unified rw,relatime master:1 propagate_from:2 - cgroup2 cgroup2 rw
            """;
        Assert.Equal(["/sys/fs/cgroup/unified/app", "/sys/fs/cgroup/unified"], CgroupPath.Directories(Cgroups, Mounts));
    }

    [Fact]
    public void The_first_mount_that_shows_the_cgroup_counts()
    {
        const string Mounts = """
            30 23 0:26 /other /mnt rw - cgroup2 none rw
            31 23 0:26 / /my\040cgroups\134\303\244 rw - cgroup2 none rw
            32 23 0:26 / /late rw - cgroup2 none rw
            """;
        Assert.Equal("/my cgroups\\ä/app", CgroupPath.Directories("0::/app", Mounts)[0]);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("4:memory:/limited\n", Unified)]
    [InlineData("0::/app", "")]
    [InlineData("0::/app", "31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory")]
    [InlineData("0::/app", "not a mount\n- -\n30 23 0:26 / /x rw -\n")]
    public void Without_version_2_there_is_none(string cgroups, string mounts) =>
        Assert.Empty(CgroupPath.Directories(cgroups, mounts));

    [Theory]
    [InlineData("1000\n", "max\n", "300\n", "inactive_file 0\n", 700L, "memory.max")]
    [InlineData("1000", "900", "300", "anon 7\ninactive_anon 50\ninactive_file 100\nactive_file 70\n", 700L, "memory.high")]
    [InlineData("900", "1000", "300", "", 600L, "memory.max")]
    [InlineData("max", "900", "300", null, 600L, "memory.high")]
    [InlineData("1000", null, "1200", "inactive_file 100", 0L, "memory.max")]
    [InlineData("0", "max", "0", "", 0L, "memory.max")]
    [InlineData("1000", "max", "300", "inactive_file 99999999999999999999", 1000L, "memory.max")]
    [InlineData("9223372036854775807", "max", "9223372036854775807", "inactive_file 9223372036854775807", long.MaxValue, "memory.max")]
    public void Left_is_the_lower_limit_less_what_is_used_and_cannot_be_reclaimed(
        string? max, string? high, string? current, string? stat, long left, string limit) =>
        Assert.Equal(new CgroupMemory(left, limit), CgroupMemory.Parse(max, high, current, stat));

    [Theory]
    [InlineData("max", "max", "300")]
    [InlineData(null, null, null)]
    [InlineData("1000", "max", null)]
    [InlineData(null, null, "300")]
    [InlineData("", "", "")]
    public void Without_limit_or_controller_there_is_none_to_heed(string? max, string? high, string? current) =>
        Assert.Null(CgroupMemory.Parse(max, high, current, ""));
}
