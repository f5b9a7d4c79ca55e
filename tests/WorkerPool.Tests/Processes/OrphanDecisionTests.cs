using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class OrphanDecisionTests
{
    private const int OwnGroup = 1;
    private const int Worker = 7;

    private readonly OrphanDecision _decision = new(OwnGroup);

    [Fact]
    public void An_orphan_is_collected_at_the_second_look_and_once()
    {
        Zombie orphan = new(20, 1000, Group: Worker);
        Assert.Empty(After(orphan));
        Assert.Equal([orphan], After(orphan));
        Assert.Empty(After(orphan)); // somebody else's by now, if it is there still
    }

    [Fact]
    public void A_worker_and_a_child_of_the_host_never_are()
    {
        Zombie worker = new(Worker, 1000, Group: Worker);
        Zombie host = new(8, 1000, OwnGroup);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Empty(After(worker, host)));
    }

    [Fact]
    public void A_child_of_the_host_that_changed_its_group_is_left_to_the_runtime()
    {
        Assert.Empty(After(new Zombie(20, 1000, Group: 20)));
        Assert.Empty(After()); // collected
        Assert.Empty(After(new Zombie(20, 2000, Group: 20))); // another with its number
    }

    [Theory]
    [InlineData("17 (a) b) c) Z 1 7 7 0 -1 4228364 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0 0", true, 1, 7, 4711UL)]
    [InlineData("17 (sleep) S 42 17 17 0 -1 4228364 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0 0\n", false, 42, 17, 99UL)]
    public void The_kernels_line_is_read_whatever_the_name_is(string line, bool isZombie, int parent, int group, ulong start) =>
        Assert.Equal(new ProcessStat(17, isZombie, parent, group, start), ProcessStat.Parse(line));

    private IReadOnlyList<Zombie> After(params Zombie[] zombies) => _decision.After(zombies, id => id == Worker);
}
