namespace WorkerPool.Processes.Privileges;

/// <summary>The credentials that a child gets, as numbers, and what its environment says of its user.</summary>
/// <param name="Id">The user.</param>
/// <param name="Group">Its group.</param>
/// <param name="Groups">The supplementary groups.</param>
internal sealed record ChildUser(uint Id, uint Group, IReadOnlyList<uint> Groups)
{
    /// <summary>The options that it comes from, for error messages.</summary>
    public string Wanted { get; init; } = "";

    /// <summary>HOME, LOGNAME, USER and SHELL; null: the variable is removed. Empty if no user was named.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}
