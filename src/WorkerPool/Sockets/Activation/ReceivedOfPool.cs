using System.Net;

namespace WorkerPool.Sockets.Activation;

/// <summary>What all endpoints of a pool receive: looked at and taken before any socket is opened.</summary>
internal sealed class ReceivedOfPool : IDisposable
{
    private readonly Dictionary<string, ReceivedSockets> _byEndpoint = [];

    /// <param name="endpoints">The endpoints.</param>
    /// <param name="passed">What the service manager has passed.</param>
    /// <param name="stored">What it has kept; null: nothing.</param>
    /// <exception cref="IOException">An endpoint cannot have what it wants.</exception>
    public static ReceivedOfPool Take(IReadOnlyList<ListenEndpoint> endpoints, PassedSockets passed, StoredSockets? stored)
    {
        ReceivedOfPool received = new();
        try
        {
            foreach (ListenEndpoint endpoint in endpoints)
            {
                ReceivedSockets? activated = endpoint.EndPoint is SystemdEndPoint ? ActivatedSockets.Receive(endpoint, passed) : null;
                received.Add(endpoint, activated);
                received.Add(endpoint, stored?.Restore(endpoint, activated));
                if (received._byEndpoint.TryGetValue(endpoint.Name, out ReceivedSockets? sockets))
                {
                    CheckAlone(sockets);
                }
            }

            return received;
        }
        catch
        {
            received.Dispose();
            throw;
        }
    }

    /// <summary>Sentences about sockets that no endpoint wants.</summary>
    public static IEnumerable<string> Unused(IReadOnlyList<ListenEndpoint> endpoints, PassedSockets passed)
    {
        HashSet<string> wanted = [.. endpoints.Select(endpoint => endpoint.EndPoint).OfType<SystemdEndPoint>().Select(one => one.SocketName)];
        return passed.Variables.Names.CountBy(name => name)
            .Where(name => !wanted.Contains(name.Key) && !StoredName.TryRead(name.Key, out _, out _))
            .Select(name => $"The service manager passed {name.Value} socket(s) named \"{name.Key}\", which no endpoint of this pool uses: "
                + $"who connects there waits. An endpoint with the address {AddressText.SystemdPrefix}{name.Key} has them.");
    }

    /// <summary>The sockets of an endpoint, from now on the caller's; null: it has to open its own.</summary>
    public ReceivedSockets? Give(ListenEndpoint endpoint) => _byEndpoint.Remove(endpoint.Name, out ReceivedSockets? sockets) ? sockets : null;

    /// <summary>Lets go of what nobody was given.</summary>
    public void Dispose()
    {
        foreach (ReceivedSockets sockets in _byEndpoint.Values)
        {
            sockets.Dispose();
        }

        _byEndpoint.Clear();
    }

    /// <summary>Whoever else has a socket in the group has a place in its order, which nobody here knows.</summary>
    private static void CheckAlone(ReceivedSockets sockets)
    {
        if (!sockets.IsShared
            && AddressHolder.FindOther((IPEndPoint)sockets.Endpoint.EndPoint, sockets.Sockets.Select(socket => socket.Inode)) is string other)
        {
            throw new IOException(
                $"Endpoint {sockets.Endpoint}: {other} listens on {AddressText.Format(sockets.Endpoint.EndPoint)} too, so that nobody knows the order of the sockets there. "
                    + "Stop it; or, if it is the service manager's socket as well, give it the same name.");
        }
    }

    private void Add(ListenEndpoint endpoint, ReceivedSockets? sockets)
    {
        if (sockets is not null)
        {
            _byEndpoint[endpoint.Name] = sockets;
        }
    }
}
