using WorkerPool.Runtime;
using Xunit;

namespace WorkerPool.Tests;

public class PoolOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => OptionsCheck.Check(new PoolOptions());

    [Fact]
    public void A_copy_has_every_option_and_does_not_follow_the_original()
    {
        PoolOptions options = new() { WorkerCount = 7, DrainDeadline = TimeSpan.FromSeconds(1), OnMasterLoss = MasterLoss.Serve, StartNice = 3, ParallelStarts = 5, MemoryReserveBytes = 4 };
        options.Respawn.Factor = 3;
        options.Listen("a", "127.0.0.1:0").Backlog = 100;
        PoolOptions copy = options.Copy();
        foreach (var property in typeof(PoolOptions).GetProperties().Where(property => property.CanWrite && property.SetMethod!.IsPublic))
        {
            Assert.Equal(property.GetValue(options), property.GetValue(copy));
        }

        options.Recycle.Age = TimeSpan.FromHours(1);
        options.Liveness.Enabled = false;
        options.Respawn.Factor = 4;
        options.Endpoints[0].Backlog = 200;
        options.Listen("b", "127.0.0.1:0");
        Assert.Null(copy.Recycle.Age);
        Assert.True(copy.Liveness.Enabled);
        Assert.Equal((3d, 100, 1), (copy.Respawn.Factor, copy.Endpoints[0].Backlog, copy.Endpoints.Count));
    }

    [Theory]
    [InlineData("WorkerCount")]
    [InlineData("StartDeadline")]
    [InlineData("DrainDeadline")]
    [InlineData("StartNice")]
    [InlineData("ParallelStarts")]
    [InlineData("MemoryReserveBytes")]
    [InlineData("Recycle.Age")]
    [InlineData("Recycle.Connections")]
    [InlineData("Recycle.MemoryBytes")]
    [InlineData("Recycle.Jitter")]
    [InlineData("Liveness.Deadline")]
    [InlineData("Liveness.AbortGrace")]
    [InlineData("Respawn.Factor")]
    [InlineData("Respawn.MaxDelay")]
    [InlineData("Respawn.Jitter")]
    public void An_option_out_of_range_is_named(string name)
    {
        PoolOptions options = new();
        switch (name)
        {
            case "WorkerCount":
                options.WorkerCount = 1025;
                break;
            case "StartDeadline":
                options.StartDeadline = TimeSpan.Zero;
                break;
            case "DrainDeadline":
                options.DrainDeadline = TimeSpan.FromMilliseconds(-1);
                break;
            case "ParallelStarts":
                options.ParallelStarts = 0;
                break;
            case "StartNice":
                options.StartNice = 20;
                break;
            case "MemoryReserveBytes":
                options.MemoryReserveBytes = -1;
                break;
            case "Recycle.Age":
                options.Recycle.Age = TimeSpan.FromMilliseconds(999);
                break;
            case "Recycle.Connections":
                options.Recycle.Connections = 0;
                break;
            case "Recycle.MemoryBytes":
                options.Recycle.MemoryBytes = 0;
                break;
            case "Recycle.Jitter":
                options.Recycle.Jitter = 0.51;
                break;
            case "Liveness.Deadline":
                options.Liveness.Deadline = TimeSpan.FromMilliseconds(999);
                break;
            case "Liveness.AbortGrace":
                options.Liveness.AbortGrace = TimeSpan.FromMilliseconds(-1);
                break;
            case "Respawn.Factor":
                options.Respawn.Factor = double.NaN;
                break;
            case "Respawn.MaxDelay":
                options.Respawn.MaxDelay = TimeSpan.FromMilliseconds(1);
                break;
            default:
                options.Respawn.Jitter = 1.1;
                break;
        }

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => OptionsCheck.Check(options));
        Assert.Equal(name, error.ParamName);
    }

    [Fact]
    public void Two_endpoints_cannot_have_the_sockets_of_one_name()
    {
        PoolOptions options = new();
        Assert.Equal("systemd:web", options.ListenActivated("web").Address);
        options.ListenActivated("admin", "admin.socket");
        OptionsCheck.Check(options);
        options.Listen("other", "systemd:web");
        Assert.Contains("web and other are both systemd:web", Assert.Throws<ArgumentException>(() => OptionsCheck.Check(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_endpoints_of_one_name_are_refused()
    {
        PoolOptions options = new();
        options.Listen("http", "127.0.0.1:0");
        Assert.Contains("\"http\"", Assert.Throws<ArgumentException>(() => options.Listen("http", "127.0.0.1:0")).Message, StringComparison.Ordinal);
    }
}
