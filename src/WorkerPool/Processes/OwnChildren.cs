namespace WorkerPool.Processes;

/// <summary>
/// The children whose ends somebody in this library waits for, of all pools of the process. Starting one and collecting
/// unknown ones exclude each other, so that none is taken for unknown before it is here.
/// </summary>
internal static class OwnChildren
{
    private static readonly HashSet<int> Ids = [];

    /// <summary>To be held from before a child is started until it is added.</summary>
    public static Lock Gate { get; } = new();

    public static void Add(int id)
    {
        lock (Gate)
        {
            Ids.Add(id);
        }
    }

    /// <summary>When it is collected, or nobody waits for it any more.</summary>
    public static void Remove(int id)
    {
        lock (Gate)
        {
            Ids.Remove(id);
        }
    }

    public static bool Contains(int id)
    {
        lock (Gate)
        {
            return Ids.Contains(id);
        }
    }
}
