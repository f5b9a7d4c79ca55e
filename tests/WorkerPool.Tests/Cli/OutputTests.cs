using Spectre.Console;
using Spectre.Console.Rendering;
using WorkerPool.Cli;
using WorkerPool.Cli.Output;
using Xunit;

namespace WorkerPool.Tests.Cli;

/// <summary>What the tool shows to people.</summary>
public sealed class OutputTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_belongs_to_the_slot_stands_beside_the_worker_that_serves()
    {
        PoolTable table = PoolTable.Of(
            Pool(Slot(0, Worker(2, 71, WorkerState.Ready), Worker(3, 72, WorkerState.Starting)), Slot(1, Worker(1, 73, WorkerState.Draining), Worker(2, 74, WorkerState.Ready)), Slot(2)),
            Nothing,
            before: null,
            Now);
        int share = Column("SHARE");
        Assert.Equal(["33.3%", "-", "-", "33.3%", "33.3%"], table.Rows.Select(row => row[share]));
        Assert.Equal(["71", "72", "73", "74", "-"], table.Rows.Select(row => row[Column("PID")]));
        Assert.Equal(["ready", "starting", "draining", "ready", "empty"], table.Rows.Select(row => row[Column("STATE")]));
        Assert.Equal("RELEASE", PoolTable.Columns[^1].Head); // the only one of any length
    }

    [Fact]
    public void One_of_a_thing_is_one_and_a_rollout_says_when_it_was()
    {
        PoolStatus status = Pool(Slot(0, Worker(1, 71, WorkerState.Ready) with { Connections = 1 })) with
        {
            Rollout = new RolloutStatus
            {
                Label = "v2",
                State = RolloutState.RolledBack,
                Slots = [],
                StartedAt = Now - TimeSpan.FromMinutes(3),
                Message = "Every slot runs what it ran before.",
            },
        };
        Assert.Equal(
            ["1 of 1 slot ready, 1 process, 1 connection, PSS 0.0M", "rollout of v2, begun 3m00s ago: rolled back. Every slot runs what it ran before."],
            PoolTable.Of(status, Nothing, before: null, Now).Notes);
    }

    [Fact]
    public void Top_keeps_within_the_terminal_and_says_how_many_do_not_fit()
    {
        PoolStatus status = Pool([.. Enumerable.Range(0, 40).Select(slot => Slot(slot, Worker(1, 1000 + slot, WorkerState.Ready)))]);
        string[] lines = Render(TopPicture.Of(PoolTable.Of(status, Nothing, Nothing, Now), "12:00:00  /run/pool.sock", width: 60, height: 24), width: 60);
        Assert.Equal(23, lines.Length); // and the cursor
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 60));
        Assert.StartsWith("12:00:00  /run/pool.sock", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("SLOT  GEN", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("   0    1  1000  ready", lines[4], StringComparison.Ordinal);
        Assert.Equal("… 22 more", lines[^1].TrimEnd());
    }

    [Fact]
    public void Lines_of_a_rollout_say_each_thing_once()
    {
        RollLines lines = new();
        PoolEvent failed = Event(PoolEventKind.RolloutSlotFailed, "The worker of slot 0 ended: SIGABRT.");
        Assert.EndsWith(" 1/4 The worker of slot 0 ended: SIGABRT.", lines.Of(failed), StringComparison.Ordinal);
        Assert.EndsWith(
            " 1/4 The slots go back.",
            lines.Of(Event(PoolEventKind.RollBackBegan, "The slots go back. The worker of slot 0 ended: SIGABRT.")),
            StringComparison.Ordinal);
        Assert.Null(lines.Of(Event(PoolEventKind.RolloutEnded, "Every slot runs what it ran before.")));
    }

    [Fact]
    public void An_event_of_the_whole_pool_has_no_colon_in_front()
    {
        Assert.EndsWith(" SlotAdded            slot 4: Slot 4 was added.", EventText.Of(Event(PoolEventKind.SlotAdded, "Slot 4 was added.") with { Slot = 4 }), StringComparison.Ordinal);
        Assert.EndsWith(" CommandEnded         The pool has 6 workers.\uFFFD", EventText.Of(Event(PoolEventKind.CommandEnded, "The pool has 6 workers.\u001b")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0374, "37ms")]
    [InlineData(0.99996, "1.0s")]
    [InlineData(8.63, "8.6s")]
    [InlineData(60.04, "1m00s")]
    [InlineData(125, "2m05s")]
    public void A_verdict_says_how_long_it_took(double seconds, string text) =>
        Assert.Equal($"done in {text}: Yes.\n", VerdictText.Of(new Verdict { Outcome = Outcome.Done, Message = "Yes.", Duration = TimeSpan.FromSeconds(seconds) }));

    [Theory]
    [InlineData("drain x", "\"x\" is no number that SLOT can be.")]
    [InlineData("roll --count x", "\"x\" is no number that --count can be.")]
    [InlineData("roll --slots 1 1.5", "\"1.5\" is no number that --slots can be.")]
    [InlineData("weight 1 half", "\"half\" is no number that W can be.")]
    [InlineData("events -n all", "\"all\" is no number that --last can be.")]
    [InlineData("statsu --json", "There is no command \"statsu\".")]
    public void What_is_wrong_with_a_command_line_is_said_in_its_own_words(string line, string error) =>
        Assert.Equal(error, Assert.Single(RootCommandLine.ErrorsOf(RootCommandLine.Create().Parse(line))));

    private static PoolMeasurement Nothing { get; } = new() { Time = Now, Workers = [], Queues = [] };

    private static int Column(string head) => PoolTable.Columns.Index().Single(column => column.Item.Head == head).Index;

    private static PoolStatus Pool(params SlotStatus[] slots) => new()
    {
        Slots = [.. slots.Select(slot => slot with { Share = 1.0 / slots.Length })],
        RespawnSuspended = false,
        Stopping = false,
    };

    private static SlotStatus Slot(int slot, params WorkerStatus[] workers) => new()
    {
        Slot = slot,
        State = workers.Length == 0 ? SlotState.Empty : SlotState.Ready,
        Label = "v1",
        Weight = 1,
        Share = 1,
        Workers = workers,
        ConsecutiveDeaths = 0,
    };

    private static WorkerStatus Worker(int generation, int process, WorkerState state) => new()
    {
        Generation = generation,
        ProcessId = process,
        Label = "a-release-with-a-long-name",
        State = state,
        StartedAt = Now,
        Connections = 0,
        Accepted = 0,
    };

    private static PoolEvent Event(PoolEventKind kind, string message) =>
        new() { Kind = kind, Time = Now, Message = message, Rollout = new RolloutProgress(RolloutState.Rolling, 1, 4) };

    private static string[] Render(IRenderable picture, int width)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(picture);
        return text.ToString().TrimEnd('\n').Split('\n');
    }
}
