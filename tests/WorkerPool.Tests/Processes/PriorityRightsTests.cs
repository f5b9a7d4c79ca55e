using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class PriorityRightsTests
{
    private const string Privileged = "Uid:\t0\t0\t0\t0\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n";
    private const string OnlyNice = "CapEff:\t0000000000800000\n";
    private const string AllButNice = "CapEff:\t000001ffff7fffff\n";
    private const string Initial = "         0          0 4294967295\n";

    [Theory]
    [InlineData(Privileged)]
    [InlineData(OnlyNice)]
    public void The_capability_gives_the_right(string status) =>
        Assert.Null(PriorityRights.Hindrance(status, Initial, niceLimit: 0, nice: 0));

    [Theory]
    [InlineData(AllButNice)]
    [InlineData("CapEff:\t0000000000000000")]
    [InlineData("CapEff:\tnonsense")]
    [InlineData("CapPrm:\t000001ffffffffff")]
    [InlineData("")]
    public void Without_it_the_limit_must_allow_the_old_nice_value(string status)
    {
        Assert.Contains("CAP_SYS_NICE", PriorityRights.Hindrance(status, Initial, niceLimit: 19, nice: 0), StringComparison.Ordinal);
        Assert.Null(PriorityRights.Hindrance(status, Initial, niceLimit: 20, nice: 0));
        Assert.Null(PriorityRights.Hindrance(status, Initial, niceLimit: 15, nice: 5));
        Assert.NotNull(PriorityRights.Hindrance(status, Initial, niceLimit: 24, nice: -5));
        Assert.Null(PriorityRights.Hindrance(status, Initial, niceLimit: ulong.MaxValue, nice: -20));
    }

    [Theory]
    [InlineData("0 1000 1\n")]
    [InlineData("0 0 1000\n1000 2000 10\n")]
    [InlineData("0 100000 65536\n")]
    [InlineData("")]
    public void In_another_user_namespace_the_capability_counts_for_nothing(string userMap)
    {
        Assert.Contains("user namespace", PriorityRights.Hindrance(Privileged, userMap, niceLimit: 0, nice: 0), StringComparison.Ordinal);
        Assert.Null(PriorityRights.Hindrance(Privileged, userMap, niceLimit: 40, nice: -20));
    }
}
