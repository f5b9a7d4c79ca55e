namespace WorkerPool.Hosting.Configuration;

/// <summary>The keys of <see cref="PoolOptions.Processes"/>. Lists are one text with commas: <c>"Processors": "0, 2"</c>.</summary>
internal static class ProcessKeys
{
    private const string Limits = "Processes:Limits:";

    public static IEnumerable<KeyValuePair<string, Action<PoolOptions, string>>> Setters =>
        Single.Concat(Enum.GetNames<ResourceLimit>().Select(Limit));

    private static Dictionary<string, Action<PoolOptions, string>> Single => new()
    {
        ["Processes:User"] = (pool, text) => pool.Processes.User = text,
        ["Processes:Group"] = (pool, text) => pool.Processes.Group = text,
        ["Processes:SupplementaryGroups"] = (pool, text) => Replace(pool.Processes.SupplementaryGroups, ValueText.List(text)),
        ["Processes:Umask"] = (pool, text) => pool.Processes.Umask = ValueText.Mode(text),
        ["Processes:NoNewPrivileges"] = (pool, text) => pool.Processes.NoNewPrivileges = ValueText.Boolean(text),
        ["Processes:Nice"] = (pool, text) => pool.Processes.Nice = ValueText.Int32(text),
        ["Processes:Processors"] = (pool, text) => Replace(pool.Processes.Processors, ValueText.List(text).Select(ValueText.Int32)),
        ["Processes:PinSlots"] = (pool, text) => pool.Processes.PinSlots = ValueText.Boolean(text),
        ["Processes:CgroupParent"] = (pool, text) => pool.Processes.CgroupParent = text,
        ["Processes:CgroupMemoryMaxBytes"] = (pool, text) => pool.Processes.CgroupMemoryMaxBytes = ValueText.Int64(text),
        ["Processes:CgroupCpuWeight"] = (pool, text) => pool.Processes.CgroupCpuWeight = ValueText.Int32(text),
    };

    private static KeyValuePair<string, Action<PoolOptions, string>> Limit(string name) => new(
        Limits + name,
        (pool, text) => pool.Processes.Limits[Enum.Parse<ResourceLimit>(name)] = ValueText.Limit(text));

    private static void Replace<T>(IList<T> list, IEnumerable<T> values)
    {
        T[] read = [.. values];
        list.Clear();
        foreach (T value in read)
        {
            list.Add(value);
        }
    }
}
