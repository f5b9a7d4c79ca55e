using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>The master does not run for a while, as in a machine that is suspended.</summary>
[Collection("Pools")]
public class MasterPauseTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_master_that_was_stopped_for_longer_than_the_deadline_kills_nobody_when_it_goes_on()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(new("serve"), "env", $"TEST_LIVENESS_SECONDS={Deadline.TotalSeconds}");
        await using Load load = Load.Start(master, perSecond: 50);
        for (int times = 0; times < 3; times++)
        {
            // What is tested is what time does.
            master.Signal(SIGSTOP);
            await Task.Delay(2 * Deadline);
            master.Signal(SIGCONT);
            await Task.Delay(Deadline / 3);
        }

        // It is there, and finds who hangs indeed, which nobody else did until then.
        await Machine.FreezeAsync(master.Workers[0]);
        await master.SaysAsync($"WorkerUnresponsive 0 {master.Workers[0]}");
        Machine.Thaw(master.Workers[0]);
        await master.SaysAsync($"WorkerRecovered 0 {master.Workers[0]}");
        await load.EndWithoutLossAsync();
        Assert.Single(master.Said, line => line.StartsWith("WorkerUnresponsive", StringComparison.Ordinal));
        Assert.DoesNotContain(master.Said, line => line.StartsWith("WorkerSignalled", StringComparison.Ordinal));
    }
}
