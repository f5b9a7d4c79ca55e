namespace WorkerPool.Sockets;

/// <summary>
/// The kernel's order of one group of SO_REUSEPORT sockets, followed from outside: the kernel does not tell it, and a
/// steering program names sockets by their index in it. Pure. The rules (net/core/sock_reuseport.c), as measured:
/// listen() adds at the end; a socket that is closed, or no longer listens, leaves a hole that the last one fills.
/// </summary>
internal sealed class ReuseportGroup
{
    private readonly List<int> _slots = [];

    public int Count => _slots.Count;

    /// <summary>
    /// False after several sockets left in an order that nobody saw; then no index may be used until the group was empty.
    /// </summary>
    public bool IsOrderKnown { get; private set; } = true;

    /// <summary>The slots, in the order of their indices if that is known.</summary>
    public IReadOnlyList<int> Slots => _slots;

    public bool Contains(int slot) => _slots.Contains(slot);

    /// <summary>The index of the slot's socket; null if it is not in the group, or the order is not known.</summary>
    public int? IndexOf(int slot) => IsOrderKnown && _slots.IndexOf(slot) is >= 0 and int index ? index : null;

    /// <summary>The slot's socket began to listen.</summary>
    public void Add(int slot)
    {
        if (Contains(slot))
        {
            throw new InvalidOperationException($"The socket of slot {slot} is in the group already.");
        }

        _slots.Add(slot);
    }

    /// <summary>The slot's socket was closed, or ceased to listen.</summary>
    public void Remove(int slot)
    {
        int hole = _slots.IndexOf(slot);
        if (hole < 0)
        {
            throw new InvalidOperationException($"The socket of slot {slot} is not in the group.");
        }

        _slots[hole] = _slots[^1];
        _slots.RemoveAt(_slots.Count - 1);
        IsOrderKnown |= _slots.Count == 0;
    }

    /// <summary>A socket had left the group before anybody looked.</summary>
    public void LoseOrder() => IsOrderKnown = false;

    /// <summary>The sockets of these slots ceased to listen, in an order that nobody saw.</summary>
    public void RemoveUnordered(IReadOnlyCollection<int> slots)
    {
        foreach (int slot in slots)
        {
            Remove(slot);
        }

        IsOrderKnown &= slots.Count <= 1 || _slots.Count == 0;
    }

    /// <summary>The slot's socket ceased to listen, and listens again.</summary>
    public void Relisten(int slot)
    {
        Remove(slot);
        Add(slot);
    }
}
