namespace WorkerPool.Processes;

/// <summary>A child of this process that has ended and that nobody has collected yet.</summary>
/// <param name="Id">Its number.</param>
/// <param name="StartTime">When it was started, in the kernel's ticks: numbers are given again.</param>
/// <param name="Group">Its process group.</param>
internal readonly record struct Zombie(int Id, ulong StartTime, int Group);

/// <summary>Which of the ended children are orphans, and this process's to collect. Pure.</summary>
/// <remarks>
/// A process whose parent has ended looks like any child of its new parent. But one that a worker had started is not in the
/// master's process group, because workers lead their own; and a child of the host, started by
/// <see cref="System.Diagnostics.Process"/>, is in the master's, and collected by the runtime as soon as it has ended,
/// whatever it did with its group. So an orphan is one that is:
/// <list type="number">
/// <item>none of this library's own children;</item>
/// <item>in another group than the master;</item>
/// <item>still there at the second look.</item>
/// </list>
/// </remarks>
/// <param name="ownGroup">The process group of the master.</param>
internal sealed class OrphanDecision(int ownGroup)
{
    private HashSet<Zombie> _seen = [];

    /// <summary>Those that are to be collected now.</summary>
    /// <param name="zombies">All that there are.</param>
    /// <param name="isOwn">Whether a child is waited for by its number.</param>
    public IReadOnlyList<Zombie> After(IEnumerable<Zombie> zombies, Func<int, bool> isOwn)
    {
        HashSet<Zombie> strangers = [.. zombies.Where(zombie => zombie.Group != ownGroup && !isOwn(zombie.Id))];
        Zombie[] due = [.. strangers.Where(_seen.Contains)];
        strangers.ExceptWith(due);
        _seen = strangers;
        return due;
    }
}
