using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

public sealed class SteeringTests
{
    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("*:0")]
    public void Only_the_chosen_slots_get_connections_and_each_its_share(string address)
    {
        using EndpointSockets sockets = Open(address, 5);

        foreach (int[] chosen in (int[][])[[0, 1, 2, 3, 4], [0, 1], [4], [1, 3], [0, 2, 3, 4]])
        {
            Assert.True(sockets.Steer(chosen), sockets.SteeringRefusal);

            Dictionary<int, int> spread = Peer.Spread(Peer.All(sockets), 60 * chosen.Length);
            Assert.Equal(chosen, spread.Keys.Order());
            Assert.All(spread.Values, count => Assert.InRange(count, 20, 120)); // more than 5 standard deviations
        }
    }

    [Fact]
    public void An_empty_choice_leaves_it_to_the_kernel()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([1]));

        Assert.True(sockets.Steer([]), sockets.SteeringRefusal);

        Assert.Equal(3, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    [Fact]
    public void The_choice_lasts_while_the_pool_grows_and_shrinks()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([1, 2]));

        sockets.GrowTo(5);
        Assert.Equal([1, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());

        sockets.ShrinkTo(2);
        Assert.Null(sockets.SteeringRefusal);
        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 30).Keys.Order());
    }

    [Fact]
    public void A_choice_for_a_pool_of_one_takes_effect_when_it_grows()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        Assert.True(sockets.Steer([0]));
        Assert.Equal(0, Peer.IndexOfNext(Peer.All(sockets)));

        sockets.GrowTo(3);

        Assert.Equal([0], Peer.Spread(Peer.All(sockets), 30).Keys);
    }

    [Fact]
    public void The_choice_follows_a_slot_whose_socket_had_to_listen_again()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        Assert.True(sockets.Steer([0, 3]));
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));

        Assert.True(sockets.Heal(0).Relistened);

        Assert.Equal([0, 3], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
        Assert.True(sockets.Steer([1]));
        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 20).Keys);
        sockets.ShrinkTo(3); // the last slot is not the last index any more
        Assert.True(sockets.Steer([0, 2]));
        Assert.Equal([0, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void When_two_sockets_died_unseen_the_kernel_chooses_among_all_that_listen()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        Assert.True(sockets.Steer([0]));
        Assert.Equal(0, shutdown(sockets.Get(1).Number, SHUT_RDWR));
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));

        SocketHealthReport report = sockets.Heal(0);

        Assert.Equal(2, report.Healed.Count);
        Assert.Null(report.Failure);
        Assert.Contains("order in the kernel is not known", sockets.SteeringRefusal, StringComparison.Ordinal);
        Assert.False(sockets.Steer([2]));
        Assert.Equal(4, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    [Fact]
    public void When_all_sockets_died_their_order_is_known_again_and_the_choice_is_kept()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([0, 2]));
        Assert.All((int[])[2, 0, 1], slot => Assert.Equal(0, shutdown(sockets.Get(slot).Number, SHUT_RDWR)));

        Assert.Equal(3, sockets.Heal(1).Healed.Count);

        Assert.Null(sockets.SteeringRefusal);
        Assert.Equal([0, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void A_refusal_of_the_kernel_is_told_and_does_no_harm()
    {
        using EndpointSockets alone = Open("127.0.0.1:0", 1);

        Assert.False(Steering.TryAttach(alone.Get(0), SteeringProgram.Compile([0]), out string? refusal));

        Assert.Contains("EINVAL", refusal, StringComparison.Ordinal);
        Peer.AssertServes(alone.Get(0));
    }

    [Fact]
    public void Detaching_where_nothing_is_attached_is_no_error()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);

        Assert.True(Steering.TryDetach(sockets.Get(1), out string? refusal), refusal);
    }

    [Fact]
    public void A_program_for_all_but_one_of_1024_slots_is_accepted()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);

        Assert.True(Steering.TryAttach(sockets.Get(0), SteeringProgram.Compile(Enumerable.Range(1, 1023)), out string? refusal), refusal);
    }

    [Fact]
    public void A_slot_that_does_not_exist_cannot_be_chosen()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);

        Assert.Throws<ArgumentOutOfRangeException>(() => sockets.Steer([0, 2]));
        Assert.Equal(2, Peer.Spread(Peer.All(sockets), 60).Count);
    }

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);
}
