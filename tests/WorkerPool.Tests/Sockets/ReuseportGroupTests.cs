using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public sealed class ReuseportGroupTests
{
    [Fact]
    public void Sockets_are_numbered_in_the_order_in_which_they_listen()
    {
        ReuseportGroup group = Group(3, 1, 2);

        Assert.Equal([3, 1, 2], group.Slots);
        Assert.Equal(0, group.IndexOf(3));
        Assert.Equal(2, group.IndexOf(2));
        Assert.Null(group.IndexOf(0));
    }

    [Theory]
    [InlineData(0, new[] { 3, 1, 2 })]
    [InlineData(1, new[] { 0, 3, 2 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    public void The_last_socket_fills_the_hole_of_one_that_leaves(int leaves, int[] expected)
    {
        ReuseportGroup group = Group(0, 1, 2, 3);

        group.Remove(leaves);

        Assert.Equal(expected, group.Slots);
    }

    [Fact]
    public void A_socket_that_listens_again_is_the_last()
    {
        ReuseportGroup group = Group(0, 1, 2, 3);

        group.Relisten(1);

        Assert.Equal([0, 3, 2, 1], group.Slots);
    }

    [Fact]
    public void After_two_left_unseen_no_index_is_known_until_the_group_was_empty()
    {
        ReuseportGroup group = Group(0, 1, 2, 3);

        group.RemoveUnordered([0, 1]);
        Assert.False(group.IsOrderKnown);
        Assert.Null(group.IndexOf(3));

        group.Remove(2);
        group.Remove(3);
        group.Add(5);
        Assert.Equal(0, group.IndexOf(5));
    }

    [Fact]
    public void The_order_is_known_after_one_left_or_all_did()
    {
        ReuseportGroup group = Group(0, 1, 2);

        group.RemoveUnordered([0]);
        Assert.Equal([2, 1], group.Slots);
        Assert.True(group.IsOrderKnown);

        group.RemoveUnordered([1, 2]);
        Assert.True(group.IsOrderKnown);
    }

    [Fact]
    public void Mistakes_of_the_caller_are_noticed()
    {
        ReuseportGroup group = Group(0);

        Assert.Throws<InvalidOperationException>(() => group.Add(0));
        Assert.Throws<InvalidOperationException>(() => group.Remove(1));
    }

    private static ReuseportGroup Group(params int[] slots)
    {
        ReuseportGroup group = new();
        foreach (int slot in slots)
        {
            group.Add(slot);
        }

        return group;
    }
}
