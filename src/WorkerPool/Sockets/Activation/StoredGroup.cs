using System.Net;

namespace WorkerPool.Sockets.Activation;

/// <summary>Whether sockets from a master before are a group that this one can go on with. Pure.</summary>
internal static class StoredGroup
{
    /// <param name="stored">Those that listen, in the order of their slots.</param>
    /// <param name="activated">The inodes of the sockets that the manager has opened itself, which are the first slots'.</param>
    /// <param name="address">Where the endpoint listens now; port 0: anywhere.</param>
    /// <param name="dualStack">Whether it takes IPv4 over IPv6.</param>
    /// <returns>Why not, as a sentence; null: they can be used.</returns>
    public static string? WhyUseless(
        IReadOnlyList<(int Slot, PassedSocketCheck Check)> stored, IReadOnlyList<ulong> activated, IPEndPoint address, bool dualStack)
    {
        if (stored.FirstOrDefault(one => !IsAt(one.Check, address, dualStack) || !one.Check.Address.Equals(stored[0].Check.Address)).Check is { } elsewhere)
        {
            return $"It listens on {AddressText.Format(elsewhere.Address)}, and the endpoint is to listen on {AddressText.Format(address)} now.";
        }

        if (stored.Any(one => !one.Check.ReusePort))
        {
            return "It is not in a group.";
        }

        // The kernel numbers them in the order in which they began to listen: a socket of the manager's that is new is the last.
        return activated.SequenceEqual(stored.Where(one => one.Slot < activated.Count).Select(one => one.Check.Inode)) || stored.Count == 0 ? null
            : "The service manager has opened the first socket of the endpoint anew, so that the order of the group is not known.";
    }

    private static bool IsAt(PassedSocketCheck check, IPEndPoint address, bool dualStack) =>
        check.Address is IPEndPoint found && found.Address.Equals(address.Address) && (address.Port == 0 || found.Port == address.Port)
        && check.DualStack == dualStack;
}
