using System.Globalization;
using System.Net;

namespace WorkerPool.Sockets.Activation;

/// <summary>
/// Keeps copies of a pool's listening sockets with the service manager, so that they, and what waits in their queues, outlive
/// the master. Owned by the master's loop.
/// </summary>
/// <remarks>
/// A socket that the manager holds stays in its group when the master closes it. So one that is to go is shut down for
/// everybody first (<see cref="EndpointSockets.ShrinkTo"/>), and only then forgotten here.
/// </remarks>
/// <param name="store">The manager's store.</param>
/// <param name="limit">How many descriptors it keeps; null: it does not say.</param>
/// <param name="warn">Gets a sentence when something is not kept; once, if the manager does not answer any more.</param>
internal sealed class KeptSockets(DescriptorStore store, int? limit, Action<string> warn) : IDisposable
{
    /// <summary>Where systemd 254 and later say <c>FileDescriptorStoreMax=</c>.</summary>
    public const string LimitVariable = "FDSTORE";

    private readonly Dictionary<string, ulong> _kept = [];
    private bool _failed;
    private bool _full;

    /// <summary>With the store of the manager that has started this process; null: there is none, which is said.</summary>
    public static KeptSockets? OfThisProcess(Action<string> warn)
    {
        if (Environment.GetEnvironmentVariable(NotifyAddress.Variable) is not { Length: > 0 } address)
        {
            warn($"Listening sockets are not kept by the service manager: {NotifyAddress.Variable} is not set. The unit needs Type=notify.");
            return null;
        }

        try
        {
            int? limit = int.TryParse(Environment.GetEnvironmentVariable(LimitVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int most) ? most : null;
            return new KeptSockets(DescriptorStore.Open(NotifyAddress.Parse(address)), limit, warn);
        }
        catch (Exception e) when (e is SystemCallException or NotSupportedException or ArgumentException)
        {
            warn($"Listening sockets are not kept by the service manager: {e.Message} ({NotifyAddress.Variable}={address})");
            return null;
        }
    }

    /// <summary>The manager has this one from a master before.</summary>
    public void Knows(string name, ulong inode) => _kept[name] = inode;

    /// <summary>Whether sockets of this kind are kept: TCP, each slot with its own.</summary>
    public static bool CanKeep(EndpointSockets endpoint) => endpoint is { IsShared: false, BoundEndPoint: IPEndPoint };

    /// <summary>Lets the manager have the sockets of an endpoint as they are now: those, in these slots, and no others.</summary>
    public void Update(EndpointSockets endpoint)
    {
        string name = endpoint.Endpoint.Name;
        if (!endpoint.IsKept)
        {
            return;
        }

        foreach (string gone in _kept.Keys.Where(kept => IsOf(kept, name, out int slot) && slot >= endpoint.SlotCount).ToArray())
        {
            Forget(gone);
        }

        for (int slot = 0; slot < endpoint.SlotCount; slot++)
        {
            Keep(StoredName.Of(name, slot), endpoint.Get(slot));
        }
    }

    /// <summary>The order of the group is not that of the slots any more, so that another master could make nothing of them.</summary>
    public void GiveUp(EndpointSockets endpoint)
    {
        string name = endpoint.Endpoint.Name;
        foreach (string kept in _kept.Keys.Where(kept => IsOf(kept, name, out _)).ToArray())
        {
            Forget(kept);
        }

        warn($"The service manager does not keep the sockets of endpoint {name} any more: one of them had ceased to listen, which changed their order.");
    }

    public void Forget(string name)
    {
        _kept.Remove(name);
        Try(() => store.Remove(name));
    }

    public void Dispose() => store.Dispose();

    private void Keep(string name, ListeningSocket socket)
    {
        ulong inode = socket.Inode;
        if (_kept.TryGetValue(name, out ulong kept) && kept == inode)
        {
            return;
        }

        // Under whichever name, the manager keeps a socket once.
        foreach (string other in _kept.Where(one => one.Key == name || one.Value == inode).Select(one => one.Key).ToArray())
        {
            Forget(other);
        }

        _kept[name] = inode;
        WarnIfFull();
        Try(() => store.Keep(name, socket));
    }

    private void WarnIfFull()
    {
        if (_kept.Count > limit && !_full)
        {
            _full = true;
            warn($"The service manager keeps {limit} descriptors and no more, and the pool has {_kept.Count} sockets or more: raise FileDescriptorStoreMax=. What waits in the queues of the others is lost if the master crashes.");
        }
    }

    private void Try(Action send)
    {
        if (_failed)
        {
            return;
        }

        try
        {
            send();
        }
        catch (SystemCallException e)
        {
            _failed = true;
            warn($"The service manager does not keep listening sockets any more: {e.Message}");
        }
    }

    private static bool IsOf(string kept, string endpoint, out int slot) =>
        StoredName.TryRead(kept, out string? of, out slot) && of == endpoint;
}
