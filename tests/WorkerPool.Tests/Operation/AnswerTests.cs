using System.Text;
using System.Text.Json;
using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.Tests.Operation;

public sealed class AnswerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly Verdict Verdict = new()
    {
        Outcome = Outcome.RolledBack,
        Reason = VerdictReason.ExitedBeforeReady,
        Message = "Slot 1: \"v2\" ended.\nTwice.",
        Slot = 1,
        Exit = new ExitStatus(null, 9),
        LastErrorLines = ["\u001b[31mred", "ü"],
        Duration = TimeSpan.FromSeconds(1.5),
        ConnectionsCut = 3,
    };

    private static readonly PoolStatus Status = new()
    {
        RespawnSuspended = true,
        Stopping = false,
        Endpoints = [new EndpointStatus { Name = "web", Address = "unix:/run/web.sock", IsShared = true, IsActivated = true }],
        Slots =
        [
            new SlotStatus
            {
                Slot = 0,
                State = SlotState.BackingOff,
                Label = "v1",
                Weight = 0.5,
                Share = 0.25,
                ConsecutiveDeaths = 2,
                LastExit = new ExitStatus(7, null),
                NextRespawn = Noon,
                Workers =
                [
                    new WorkerStatus { Generation = 3, ProcessId = 42, Label = "v1", State = WorkerState.Ready, StartedAt = Noon, Connections = 5, Accepted = 6 },
                ],
            },
        ],
        Rollout = new RolloutStatus
        {
            Label = "v2",
            State = RolloutState.RollingBack,
            StartedAt = Noon,
            Message = "why",
            Slots = [new RolledSlot { Slot = 0, State = RolledSlotState.Failed, PreviousLabel = "v1", Order = ReplaceOrder.StopFirst, Failure = Verdict }],
        },
    };

    [Fact]
    public void A_verdict_survives_the_way()
    {
        Verdict read = Read(new Answer { Verdict = Verdict }).Verdict!;
        Assert.Equal(Verdict with { LastErrorLines = read.LastErrorLines, Slots = read.Slots }, read);
        Assert.Equal(Verdict.LastErrorLines, read.LastErrorLines);
    }

    [Fact]
    public void A_status_survives_the_way()
    {
        PoolStatus read = Read(new Answer { Status = Status }).Status!;
        Assert.Equal(Text(new Answer { Status = Status }), Text(new Answer { Status = read }));
        Assert.Equal(Status.Endpoints, read.Endpoints);
        Assert.Equal(Status.Slots[0].Workers[0], read.Slots[0].Workers[0]);
        Assert.Equal(Status.Slots[0] with { Workers = read.Slots[0].Workers }, read.Slots[0]);
        Assert.Equal(RolledSlotState.Failed, read.Rollout!.Slots[0].State);
    }

    [Fact]
    public void An_event_survives_the_way()
    {
        PoolEvent happened = new()
        {
            Kind = PoolEventKind.RolloutSlotDone,
            Time = Noon,
            Message = "done",
            Slot = 1,
            Generation = 2,
            ProcessId = 3,
            Label = "v2",
            Exit = new ExitStatus(0, null),
            Rollout = new RolloutProgress(RolloutState.Rolling, 1, 4),
        };
        Assert.Equal(happened, Read(new Answer { Event = happened }).Event);
    }

    [Fact]
    public void An_answer_is_one_line_without_control_characters()
    {
        string text = Text(new Answer { Verdict = Verdict });
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(text[..^1], char.IsControl);
        Assert.StartsWith("""{"verdict":{"outcome":"rolledBack","reason":"exitedBeforeReady",""", text, StringComparison.Ordinal);
        Assert.Contains("\"duration\":1.5", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_newer_master_says_besides_is_not_looked_at() =>
        Assert.Equal("x", JsonSerializer.Deserialize("""{"weather":"fine","verdict":{"outcome":"done","message":"x","mood":7}}""", AnswerJson.Default.Answer)!.Verdict!.Message);

    private static string Text(Answer answer) => Encoding.UTF8.GetString(AnswerJson.Write(answer).Span);

    private static Answer Read(Answer answer) => JsonSerializer.Deserialize(AnswerJson.Write(answer).Span, AnswerJson.Default.Answer)!;
}
