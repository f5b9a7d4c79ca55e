using WorkerPool.FunctionalTests.Support;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

public sealed class SteeringTests
{
    public SteeringTests() => KernelSteering.Require();

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("*:0")]
    public void Only_the_chosen_slots_get_connections_and_each_its_share(string address)
    {
        using EndpointSockets sockets = Open(address, 5);

        foreach (int[] chosen in (int[][])[[0, 1, 2, 3, 4], [0, 1], [4], [1, 3], [0, 2, 3, 4]])
        {
            Assert.True(sockets.Steer(Peer.Only(chosen)), sockets.SteeringRefusal);

            Dictionary<int, int> spread = Peer.Spread(Peer.All(sockets), 60 * chosen.Length);
            Assert.Equal(chosen, spread.Keys.Order());
            Assert.All(spread.Values, count => Assert.InRange(count, 20, 120)); // more than 5 standard deviations
        }
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("*:0")]
    public void Each_slot_gets_connections_in_proportion_to_its_weight(string address)
    {
        using EndpointSockets sockets = Open(address, 4);
        Assert.True(sockets.Steer([1, 0, 3, 6]), sockets.SteeringRefusal);

        Dictionary<int, int> spread = Peer.Spread(Peer.All(sockets), 1000);

        Assert.Equal([0, 2, 3], spread.Keys.Order());
        Assert.InRange(spread[0], 50, 150); // more than 5 standard deviations each
        Assert.InRange(spread[2], 225, 375);
        Assert.InRange(spread[3], 520, 680);
    }

    [Fact]
    public void A_release_that_is_given_one_percent_gets_it_of_a_hundred_thousand_connections()
    {
        const int connections = 100_000;
        SteeringClaim[] claims = [.. Enumerable.Repeat(new SteeringClaim(1, Accepts: true, "v1"), 3), new(1, Accepts: true, "v2")];
        using EndpointSockets sockets = Open("127.0.0.1:0", claims.Length);
        Assert.True(sockets.Steer(SteeringTable.Compute(claims, new Dictionary<string, double> { ["v2"] = 0.01 })), sockets.SteeringRefusal);

        int canary = Peer.Spread(Peer.All(sockets), connections)[3];

        Assert.InRange(canary, connections * 8 / 1000, connections * 12 / 1000); // 6 standard deviations
    }

    [Fact]
    public void Equal_weights_of_all_slots_leave_it_to_the_kernel()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([0, 1]));

        Assert.True(sockets.Steer([2, 2, 2]), sockets.SteeringRefusal);

        Assert.False(Peer.RemoveProgram(sockets.Get(0)));
        Assert.Equal(3, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    [Fact]
    public void A_table_that_the_kernel_has_already_is_not_attached_again()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([1, 0, 1]));
        Assert.True(Peer.RemoveProgram(sockets.Get(0))); // behind its back

        Assert.True(sockets.Steer([2, 0, 2]));
        Assert.False(Peer.RemoveProgram(sockets.Get(0)));

        Assert.True(sockets.Steer([2, 0, 1]));
        Assert.True(Peer.RemoveProgram(sockets.Get(0)));
    }

    [Fact]
    public void A_program_that_a_worker_put_there_is_gone_after_its_end()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer([1, 1, 1]));
        AttachAsWorker(sockets, 2);
        Assert.Equal([2], Peer.Spread(Peer.All(sockets), 20).Keys);

        Assert.Empty(sockets.Heal(2).Healed);
        Assert.Equal(3, Peer.Spread(Peer.All(sockets), 100).Count);

        Assert.True(sockets.Steer([1, 0, 1]));
        AttachAsWorker(sockets, 1);
        sockets.Heal(1);
        Assert.Equal([0, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void New_slots_get_nothing_though_all_before_were_equal_until_they_have_a_weight()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        Assert.True(sockets.Steer([1, 1]));

        sockets.GrowTo(4);
        Assert.Null(sockets.SteeringRefusal);
        Assert.Equal([0, 1], Peer.Spread(Peer.All(sockets), 100).Keys.Order());

        Assert.True(sockets.Steer([1, 1, 1, 1]));
        Assert.False(Peer.RemoveProgram(sockets.Get(3)));
        Assert.Equal(4, Peer.Spread(Peer.All(sockets), 200).Count);
    }

    [Fact]
    public void Before_a_group_grows_the_table_becomes_a_program_also_where_the_hash_did_as_well()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        GroupSteering steering = new(sockets.Get, enabled: true);
        steering.OnAdded(0);
        steering.OnAdded(1);
        Assert.True(steering.Steer([1, 1]));
        Assert.False(Peer.RemoveProgram(sockets.Get(0)));

        steering.OnGrowing();

        using ListeningSocket third = TcpListeners.OpenNext(sockets.Endpoint, sockets.BoundEndPoint);
        Assert.Equal([0, 1], Peer.Spread([.. Peer.All(sockets), third], 100).Keys.Order());
        steering.Update(); // growing failed
        Assert.False(Peer.RemoveProgram(sockets.Get(0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connections_that_come_while_the_pool_grows_never_meet_a_new_slot(int slots)
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", slots);
        IReadOnlyList<ListeningSocket> old = Peer.All(sockets);
        Assert.True(sockets.Steer([.. Enumerable.Repeat(1.0, slots)]));
        using CancellationTokenSource over = new();
        int served = 0;
        Task clients = Task.Run(() =>
        {
            for (; !over.IsCancellationRequested; served++)
            {
                Peer.IndexOfNext(old); // fails if none of them gets the connection
            }
        });

        for (int round = 0; (round < 500 || Volatile.Read(ref served) < 100) && !clients.IsCompleted; round++)
        {
            sockets.GrowTo(slots + 3);
            Assert.All(Peer.All(sockets).Skip(slots), socket => Assert.Equal(0, SocketHealth.QueueLength(socket)));
            sockets.ShrinkTo(slots);
        }

        await over.CancelAsync();
        await clients;
    }

    [Fact]
    public async Task A_slot_without_weight_gets_nothing_while_the_table_changes_all_the_time()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        double[][] tables = [[1, 1, 0, 1], [1, 3, 0, 2], [0, 0, 0, 1], [1, 1, 0], [5, 0, 0, 0.001]];
        Assert.True(sockets.Steer(tables[0]));
        using CancellationTokenSource over = new();
        int connections = 0;
        Task changing = Task.Run(() =>
        {
            // Paced and few: the kernel frees replaced programs later, and deadlocks (Linux 6.18) when 2,000 wait for it.
            for (int changes = 0; changes < 500 && !over.IsCancellationRequested; changes++)
            {
                Assert.True(sockets.Steer(tables[changes % tables.Length]), sockets.SteeringRefusal);
                SpinWait.SpinUntil(() => Volatile.Read(ref connections) >= changes * 8 || over.IsCancellationRequested);
            }
        });

        HashSet<int> served = [];
        for (; connections < 4000 && !changing.IsFaulted; Interlocked.Increment(ref connections))
        {
            served.Add(Peer.IndexOfNext(Peer.All(sockets)));
        }

        await over.CancelAsync();
        await changing;
        Assert.Equal([0, 1, 3], served.Order());
    }

    [Fact]
    public void A_thousand_slots_with_all_different_weights_are_steered()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "127.0.0.1:0");
        endpoint.Backlog = 16;
        using EndpointSockets sockets = EndpointSockets.Open(endpoint, PoolOptions.MaxWorkerCount);
        double[] weights = [.. Enumerable.Range(0, sockets.SlotCount).Select(slot => slot / 1000.0)];

        Assert.True(sockets.Steer(weights), sockets.SteeringRefusal);

        Assert.DoesNotContain(0, Peer.Spread(Peer.All(sockets), 100).Keys);
        weights[^1] = 1e9; // nearly all
        Assert.True(sockets.Steer(weights), sockets.SteeringRefusal);
        Assert.Equal([sockets.SlotCount - 1], Peer.Spread(Peer.All(sockets), 20).Keys);
    }

    [Fact]
    public void When_steering_is_off_the_kernel_chooses_and_nothing_is_ever_attached()
    {
        using EndpointSockets sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), 2, steering: false);
        Assert.True(sockets.Steer([1, 1]));

        Assert.False(sockets.Steer([0, 1]));

        Assert.Contains("switched off", sockets.SteeringRefusal, StringComparison.Ordinal);
        sockets.GrowTo(3);
        sockets.Heal(0);
        Assert.False(Peer.RemoveProgram(sockets.Get(0)));
        Assert.Equal(3, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    [Fact]
    public void The_choice_lasts_while_the_pool_grows_and_shrinks()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer(Peer.Only(1, 2)));

        sockets.GrowTo(5);
        Assert.Equal([1, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());

        sockets.ShrinkTo(2);
        Assert.Null(sockets.SteeringRefusal);
        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 30).Keys.Order());
    }

    [Fact]
    public void A_pool_of_one_has_its_program_before_it_grows()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        Assert.True(sockets.Steer([1]));
        using ListeningSocket second = TcpListeners.OpenNext(sockets.Endpoint, sockets.BoundEndPoint);
        Assert.Equal([0], Peer.Spread([sockets.Get(0), second], 30).Keys); // before anybody could attach one
        second.Dispose();

        sockets.GrowTo(3);
        Assert.Equal([0], Peer.Spread(Peer.All(sockets), 30).Keys);

        Assert.True(sockets.Steer([1, 1, 1]));
        sockets.ShrinkTo(1);
        sockets.GrowTo(2);
        Assert.Equal([0], Peer.Spread(Peer.All(sockets), 30).Keys);
    }

    [Fact]
    public void The_choice_follows_a_slot_whose_socket_had_to_listen_again()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        Assert.True(sockets.Steer(Peer.Only(0, 3)));
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));

        Assert.True(sockets.Heal(0).Relistened);

        Assert.Equal([0, 3], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
        Assert.True(sockets.Steer(Peer.Only(1)));
        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 20).Keys);
        sockets.ShrinkTo(3); // the last slot is not the last index any more
        Assert.True(sockets.Steer(Peer.Only(0, 2)));
        Assert.Equal([0, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void When_two_sockets_died_unseen_the_kernel_chooses_among_all_that_listen()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        Assert.True(sockets.Steer(Peer.Only(0)));
        Assert.Equal(0, shutdown(sockets.Get(1).Number, SHUT_RDWR));
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));

        SocketHealthReport report = sockets.Heal(0);

        Assert.Equal(2, report.Healed.Count);
        Assert.Null(report.Failure);
        Assert.Contains("order in the kernel is not known", sockets.SteeringRefusal, StringComparison.Ordinal);
        Assert.False(sockets.Steer(Peer.Only(2)));
        Assert.Equal(4, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    [Fact]
    public void When_all_sockets_died_their_order_is_known_again_and_the_choice_is_kept()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);
        Assert.True(sockets.Steer(Peer.Only(0, 2)));
        Assert.All((int[])[2, 0, 1], slot => Assert.Equal(0, shutdown(sockets.Get(slot).Number, SHUT_RDWR)));

        Assert.Equal(3, sockets.Heal(1).Healed.Count);

        Assert.Null(sockets.SteeringRefusal);
        Assert.Equal([0, 2], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void A_refusal_of_the_kernel_is_told_and_does_no_harm()
    {
        using EndpointSockets alone = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), 1, steering: false);

        Assert.False(Steering.TryAttach(alone.Get(0), SteeringProgram.Compile([1]), out string? refusal));

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
    public void A_table_that_no_program_can_hold_is_told_and_does_no_harm()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        double[] weights = [.. Enumerable.Range(1, 3000).Select(i => (double)i)];

        Assert.False(Steering.TryAttach(sockets.Get(0), SteeringProgram.Compile(weights), out string? refusal));

        Assert.Contains("too many different weights", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1024, 1, true)] // one weight, and one slot out
    [InlineData(1024, 100, true)] // a hundred runs
    [InlineData(700, 700, true)]
    [InlineData(800, 800, false)]
    public void A_kernel_with_the_old_limit_takes_ordinary_tables_and_says_what_it_does_not_take(int slots, int differentWeights, bool taken)
    {
        bool isNamespaced = false;
        PrivateThread.InNetworkNamespace(() =>
        {
            const string Limit = "/proc/sys/net/core/optmem_max"; // the namespace's own, with newer kernels
            isNamespaced = File.Exists(Limit);
            if (!isNamespaced)
            {
                return;
            }

            File.WriteAllText(Limit, "20480"); // the default of older kernels
            using EndpointSockets sockets = Open("0.0.0.0:0", 2);
            double[] weights = [.. Enumerable.Range(0, slots).Select(slot => (double)(slot * differentWeights / slots + 1))];
            weights[0] = 0;

            Assert.Equal(taken, Steering.TryAttach(sockets.Get(0), SteeringProgram.Compile(weights), out string? refusal));

            Assert.Equal(!taken, refusal?.Contains("net.core.optmem_max", StringComparison.Ordinal) ?? false);
        });
        Assert.SkipUnless(isNamespaced, "This kernel has one net.core.optmem_max for the whole machine.");
    }

    [Theory]
    [InlineData(new[] { 1.0, 0, 1 }, "a slot from 2 on")]
    [InlineData(new[] { 0.0, 0 }, "All weights are 0")]
    [InlineData(new double[0], "All weights are 0")]
    [InlineData(new[] { 1, double.NaN }, "NaN at 1")]
    [InlineData(new[] { 1, -0.5 }, "-0.5 at 1")]
    public void A_table_that_makes_no_sense_is_refused_and_changes_nothing(double[] weights, string expected)
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        Assert.True(sockets.Steer([0, 1]));

        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => sockets.Steer(weights)).Message, StringComparison.Ordinal);

        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 30).Keys);
        Assert.True(sockets.Steer([0, 1, 0]), "Zeros for slots that do not exist do no harm.");
    }

    private static void AttachAsWorker(EndpointSockets sockets, int slot) =>
        Assert.True(Steering.TryAttach(sockets.Get(slot), SteeringProgram.Compile(Peer.Only(slot)), out string? refusal), refusal);

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);
}
