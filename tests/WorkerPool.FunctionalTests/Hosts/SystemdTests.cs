using System.Text;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>What a service manager is told; a real master, a datagram socket in the place of systemd.</summary>
[Collection("Pools")]
public class SystemdTests
{
    private static readonly MasterProcess.Setup Serving = new("serve") { Role = "signal-master" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_service_manager_hears_of_start_reload_and_stop(bool isAbstract)
    {
        using FakeServiceManager manager = new(isAbstract);
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, "env", $"NOTIFY_SOCKET={manager.Address}");
        Assert.Contains("STATUS=2 of 2 workers ready, release test", await manager.ReceiveAsync("READY=1"), StringComparison.Ordinal);
        Assert.Single(manager.Received); // nothing before it
        foreach (int worker in master.Workers)
        {
            string environment = Encoding.UTF8.GetString(await File.ReadAllBytesAsync($"/proc/{worker}/environ"));
            Assert.DoesNotContain("NOTIFY_SOCKET", environment, StringComparison.Ordinal);
        }

        master.Signal(SIGHUP);
        Assert.Contains("MONOTONIC_USEC=", await manager.ReceiveAsync("RELOADING=1"), StringComparison.Ordinal);
        await master.SaysAsync("RolloutBegan");
        Assert.DoesNotContain("rollout of", await manager.ReceiveAsync("READY=1"), StringComparison.Ordinal); // it is over
        await master.SaysAsync("RolloutEnded");

        master.Signal(SIGTERM);
        Assert.Contains("EXTEND_TIMEOUT_USEC=68000000", await manager.ReceiveAsync("STOPPING=1"), StringComparison.Ordinal);
        Assert.Equal(0, await master.ExitAsync());
    }

    [Fact]
    public async Task The_watchdog_is_fed_while_the_loop_of_the_master_lives()
    {
        using FakeServiceManager manager = new(isAbstract: true);
        await using MasterProcess master = await MasterProcess.UpAsync(
            Serving, "env", $"NOTIFY_SOCKET={manager.Address}", "WATCHDOG_USEC=200000");
        for (int i = 0; i < 5; i++)
        {
            await manager.ReceiveAsync("WATCHDOG=1");
        }

        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }

    [Fact]
    public async Task A_service_manager_that_is_not_there_is_a_warning()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, "env", "NOTIFY_SOCKET=/nonexistent/notify");
        Assert.Contains(master.Said, line => line.Contains("The service manager is not told", StringComparison.Ordinal));
        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }
}
