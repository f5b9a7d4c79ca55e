using WorkerPool.Processes.Privileges;
using WorkerPool.Runtime;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Privileges;

public class ProcessOptionsTests
{
    [Fact]
    public void Nothing_set_means_nothing_changed()
    {
        WorkerPrivileges privileges = WorkerPrivileges.Prepare(new WorkerProcessOptions());
        Assert.False(privileges.For(new WorkerKey(0, 1), null).NeedThread);
        Assert.Null(privileges.CreateCgroup(new WorkerKey(0, 1)));
    }

    [Fact]
    public void A_copy_has_every_option_and_does_not_follow_the_original()
    {
        WorkerProcessOptions options = new()
        {
            User = "a", Group = "b", Umask = UnixFileMode.OtherRead, NoNewPrivileges = true, Nice = 1, PinSlots = true, CgroupParent = "/c", CgroupMemoryMaxBytes = 1 << 30, CgroupCpuWeight = 7,
        };
        options.Limits.Add(ResourceLimit.OpenFiles, 9);
        options.Processors.Add(3);
        options.SupplementaryGroups.Add("g");
        WorkerProcessOptions copy = options.Copy();
        foreach (var property in typeof(WorkerProcessOptions).GetProperties())
        {
            Assert.Equal(property.GetValue(options), property.GetValue(copy));
        }

        options.Limits.Clear();
        options.Processors.Clear();
        options.SupplementaryGroups.Clear();
        Assert.Equal((1, 1, 1), (copy.Limits.Count, copy.Processors.Count, copy.SupplementaryGroups.Count));
    }

    public static TheoryData<string, Action<WorkerProcessOptions>> Nonsense { get; } = new()
    {
        { "Nice", options => options.Nice = 20 },
        { "Nice", options => options.Nice = -21 },
        { "Umask", options => options.Umask = UnixFileMode.SetUser },
        { "Processors", options => options.Processors.Add(-1) },
        { "Limits[OpenFiles]", options => options.Limits.Add(ResourceLimit.OpenFiles, -1) },
        { "Limits", options => options.Limits.Add((ResourceLimit)99, 1) },
        { "CgroupParent", options => options.CgroupParent = "relative" },
        { "CgroupParent", options => options.CgroupCpuWeight = 100 },
        { "CgroupCpuWeight", options => options.CgroupCpuWeight = 10_001 },
        { "CgroupMemoryMaxBytes", options => options.CgroupMemoryMaxBytes = 4096 },
    };

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public void An_option_that_makes_no_sense_is_named(string name, Action<WorkerProcessOptions> set)
    {
        PoolOptions options = new();
        set(options.Processes);
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => OptionsCheck.Check(options));
        Assert.Equal("Processes." + name, error.ParamName);
    }

    [Fact]
    public void Pinned_slots_take_the_processors_in_turn()
    {
        WorkerProcessOptions options = new() { PinSlots = true };
        int[] own = ProcessorSet.OfThisProcess();
        WorkerPrivileges privileges = WorkerPrivileges.Prepare(options);
        for (int slot = 0; slot < 5; slot++)
        {
            Assert.Equal([own[slot % own.Length]], privileges.For(new WorkerKey(slot, 1), null).Processors!);
        }
    }

    [Theory]
    [InlineData("root", 0)]
    [InlineData("0", 0)]
    [InlineData("4000000000", 4000000000)]
    public void Users_are_found_by_name_and_number(string user, uint id) => Assert.Equal(id, UserDatabase.FindUser(user, "Processes.User").Id);

    [Theory]
    [InlineData("")]
    [InlineData("no-such-user-here")]
    [InlineData("4294967295")]
    [InlineData("99999999999999")]
    [InlineData("-1")]
    public void What_is_no_user_is_refused_with_the_option(string user) =>
        Assert.Equal("Processes.User", Assert.Throws<ArgumentException>(() => UserDatabase.FindUser(user, "Processes.User")).ParamName);

    [Fact]
    public void A_number_that_nobody_has_needs_a_group_and_has_no_home()
    {
        Assert.Contains("Processes.Group", Assert.Throws<ArgumentException>(() => IdentityLookup.Resolve(new WorkerProcessOptions { User = "4000000000" })).Message, StringComparison.Ordinal);
        ChildUser user = IdentityLookup.Resolve(new WorkerProcessOptions { User = "4000000000", Group = "7" })!;
        Assert.Equal((4000000000u, 7u), (user.Id, user.Group));
        Assert.Equal([7u], user.Groups);
        Assert.All(["HOME", "LOGNAME", "USER", "SHELL"], variable => Assert.Null(user.Environment[variable]));
    }

    [Fact]
    public void A_user_of_the_database_brings_its_groups_and_home()
    {
        ChildUser user = IdentityLookup.Resolve(new WorkerProcessOptions { User = "root", SupplementaryGroups = { "12345" } })!;
        Assert.Contains(0u, user.Groups);
        Assert.Contains(12345u, user.Groups);
        Assert.Equal("root", user.Environment["USER"]);
        Assert.StartsWith("/", user.Environment["HOME"], StringComparison.Ordinal);
    }
}
