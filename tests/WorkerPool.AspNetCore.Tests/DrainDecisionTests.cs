using WorkerPool.AspNetCore.Connections;
using WorkerPool.AspNetCore.Drain;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

public class DrainDecisionTests
{
    private static readonly WorkerWebOptions Options = new()
    {
        IdleCloseTime = TimeSpan.FromSeconds(10),
        MinimumSilence = TimeSpan.FromSeconds(1),
        FirstRequestTime = TimeSpan.FromSeconds(5),
    };

    [Fact]
    public void Idle_connections_have_their_turn_evenly_and_the_longest_silent_first()
    {
        ConnectionView[] connections = [.. Enumerable.Range(1, 10).Select(i => new ConnectionView(ConnectionState.Idle, TimeSpan.FromSeconds(i)))];
        Assert.Empty(Choose(connections, 0, 0));
        Assert.Equal([9], Choose(connections, 1, 0));
        Assert.Equal([9, 8, 7, 6], Choose(connections, 5, 1)[..4]);
        Assert.Equal(10, Choose(connections, 10, 0).Count);
    }

    [Fact]
    public void Those_that_had_their_turn_count_in_the_whole()
    {
        ConnectionView[] left = [.. Enumerable.Repeat(new ConnectionView(ConnectionState.Idle, TimeSpan.FromSeconds(2)), 5)];
        Assert.Empty(Choose(left, 5, 5));
        Assert.Single(Choose(left, 6, 5));
    }

    [Fact]
    public void A_connection_that_is_in_use_is_not_idle()
    {
        ConnectionView[] connections = [new(ConnectionState.Idle, TimeSpan.FromMilliseconds(999)), new(ConnectionState.Busy, TimeSpan.FromDays(1)), new(ConnectionState.Leaving, TimeSpan.FromDays(1))];
        Assert.Empty(Choose(connections, 100, 0));
    }

    [Fact]
    public void Http2_is_told_to_go_away_whether_it_is_in_use_or_not() =>
        Assert.Equal([0], Choose([new(ConnectionState.Http2, TimeSpan.Zero)], 10, 0));

    [Theory]
    [InlineData(nameof(ConnectionState.Fresh))]
    [InlineData(nameof(ConnectionState.Partial))]
    public void Who_has_not_sent_a_request_is_waited_for_from_the_beginning_of_the_drain(string state)
    {
        ConnectionView[] connections = [new(Enum.Parse<ConnectionState>(state), TimeSpan.FromSeconds(60))];
        Assert.Empty(Choose(connections, 4.9, 0));
        Assert.Equal([0], Choose(connections, 5, 0));
        Assert.Empty(Choose([connections[0] with { Silence = TimeSpan.FromSeconds(4) }], 60, 0));
    }

    [Fact]
    public void A_time_of_zero_closes_all_at_once()
    {
        WorkerWebOptions options = new() { IdleCloseTime = TimeSpan.Zero, MinimumSilence = TimeSpan.Zero };
        ConnectionView[] connections = [.. Enumerable.Repeat(new ConnectionView(ConnectionState.Idle, TimeSpan.Zero), 3)];
        Assert.Equal(3, DrainDecision.Choose(connections, TimeSpan.Zero, 0, options).ToEnd.Count);
    }

    [Fact]
    public void Idle_connections_and_those_that_said_nothing_are_handed_over_where_that_is_possible()
    {
        ConnectionView[] connections = [.. Enum.GetValues<ConnectionState>().Select(state => new ConnectionView(state, TimeSpan.Zero, CanMove: true))];
        Assert.Equal(
            [ConnectionState.Idle, ConnectionState.Fresh],
            DrainDecision.ChooseToMove(connections).Select(index => connections[index].State).Order());
        Assert.Empty(DrainDecision.ChooseToMove([.. connections.Select(view => view with { CanMove = false })]));
    }

    [Fact]
    public void Those_that_are_to_be_handed_over_are_not_closed_and_have_no_turn()
    {
        ConnectionView stays = new(ConnectionState.Idle, TimeSpan.FromSeconds(60));
        ConnectionView[] connections = [stays with { CanMove = true }, stays, new(ConnectionState.Fresh, TimeSpan.FromSeconds(60), CanMove: true)];
        Assert.Empty(Choose(connections, 9.9, 0)); // the turn of the only one that counts is at 10 s
        Assert.Equal([1], Choose(connections, 60, 0));
    }

    [Fact]
    public void So_many_are_handed_over_at_a_time_that_nobody_is_flooded() =>
        Assert.Equal(100, DrainDecision.ChooseToMove([.. Enumerable.Repeat(new ConnectionView(ConnectionState.Idle, TimeSpan.Zero, CanMove: true), 1000)]).Count);

    private static List<int> Choose(ConnectionView[] connections, double elapsed, int ended) =>
        DrainDecision.Choose(connections, TimeSpan.FromSeconds(elapsed), ended, Options).ToEnd;
}
