using WorkerPool.Systemd;
using Xunit;

namespace WorkerPool.Tests.Systemd;

public class NotifyTests
{
    [Fact]
    public void The_status_is_one_line_whatever_labels_and_messages_hold()
    {
        PoolStatus pool = Pool("v\n1", rollout: null);
        Assert.Equal("STATUS=1 of 1 workers ready, release v 1", NotifyText.Status(pool));
        Assert.Equal("STATUS=stopping, 1 workers left", NotifyText.Status(pool with { Stopping = true }));
        string failed = NotifyText.Status(Pool("v1", Rollout(RolloutState.RolledBack, new string('x', 300) + "\nREADY=1")));
        Assert.StartsWith("STATUS=1 of 1 workers ready, release v1; last rollout (v2): RolledBack. xxx", failed, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failed);
        Assert.Contains("rollout of v2: 0 of 0, Rolling", NotifyText.Status(Pool("v1", Rollout(RolloutState.Rolling, ""))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2000000", null, 1000)]
    [InlineData("2000000", "", 1000)]
    [InlineData("2000000", "42", 1000)]
    [InlineData("2000000", "43", null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void The_sign_of_life_comes_twice_in_the_time_if_it_is_wanted_of_this_process(string? time, string? process, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)Watchdog.Period(time, process, self: 42)?.TotalMilliseconds);

    [Fact]
    public void Messages_are_variables_in_lines()
    {
        Assert.Equal("RELOADING=1\nMONOTONIC_USEC=123", NotifyText.Reloading(123));
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000", NotifyText.Stopping(TimeSpan.FromSeconds(1.5)));
    }

    private static RolloutStatus Rollout(RolloutState state, string message) => new()
    {
        Label = "v2",
        State = state,
        Slots = [],
        StartedAt = DateTimeOffset.UnixEpoch,
        Message = message,
    };

    private static PoolStatus Pool(string label, RolloutStatus? rollout) => new()
    {
        RespawnSuspended = false,
        Stopping = false,
        Rollout = rollout,
        Slots =
        [
            new SlotStatus
            {
                Slot = 0,
                State = SlotState.Ready,
                Label = label,
                Weight = 1,
                Share = 1,
                ConsecutiveDeaths = 0,
                Workers =
                [
                    new WorkerStatus
                    {
                        Generation = 1,
                        ProcessId = 1,
                        Label = label,
                        State = WorkerState.Ready,
                        StartedAt = DateTimeOffset.UnixEpoch,
                        Connections = 0,
                        Accepted = 0,
                    },
                ],
            },
        ],
    };
}
