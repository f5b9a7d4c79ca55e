using System.Globalization;

namespace WorkerPool.Processes;

/// <summary>
/// Whether this process may raise the priority of a worker again after it has lowered it. Anybody may lower; without the
/// right to raise, a worker would stay low for its whole life.
/// </summary>
internal static class PriorityRights
{
    private const int CapSysNice = 23;
    private const ulong AllUsers = uint.MaxValue;

    /// <summary>Null if it may; otherwise why not, as a sentence.</summary>
    /// <param name="status">The text of /proc/self/status.</param>
    /// <param name="userMap">The text of /proc/self/uid_map, user_namespaces(7).</param>
    /// <param name="niceLimit">The soft RLIMIT_NICE: nice values down to 20 minus this are free, getrlimit(2).</param>
    /// <param name="nice">The nice value to go back to.</param>
    public static string? Hindrance(string status, string userMap, ulong niceLimit, int nice)
    {
        if (niceLimit >= (ulong)(20 - nice) || (HasCapability(status) && IsInitialNamespace(userMap)))
        {
            return null;
        }

        string missing = HasCapability(status) ? "its CAP_SYS_NICE counts in its user namespace only" : "it has no CAP_SYS_NICE";
        return string.Create(
            CultureInfo.InvariantCulture, $"The master may not raise a priority to nice {nice}: {missing}, and RLIMIT_NICE is {niceLimit}, less than {20 - nice}.");
    }

    private static bool HasCapability(string status) =>
        KernelText.Field(status, "CapEff") is [string mask, ..]
        && ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
        && (bits & (1UL << CapSysNice)) != 0;

    // The kernel asks for the capability in the initial user namespace, whose map is "0 0 4294967295".
    private static bool IsInitialNamespace(string userMap) =>
        userMap.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries) is ["0", "0", string count]
        && KernelText.Number(count) == (long)AllUsers;
}
