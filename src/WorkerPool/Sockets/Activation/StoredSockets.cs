using System.Net;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets.Activation;

/// <summary>
/// What the service manager has kept from a master before this one (<see cref="KeptSockets"/>): given back to the endpoints,
/// slot by slot. What no endpoint can use is closed for everybody, because as long as it listens it gets connections.
/// </summary>
/// <param name="sockets">All that came, taken over.</param>
/// <param name="managersOwn">The inodes of the sockets that the manager has opened itself, and which go on to listen.</param>
/// <param name="manager">Is told what it need not keep any more; null: it cannot be told.</param>
/// <param name="warn">Gets a sentence about each that was closed.</param>
internal sealed class StoredSockets(IReadOnlyList<PassedSocket> sockets, IReadOnlySet<ulong> managersOwn, KeptSockets? manager, Action<string> warn) : IDisposable
{
    private readonly List<PassedSocket> _left = [.. sockets];

    /// <summary>Gives an endpoint its sockets back.</summary>
    /// <param name="endpoint">A TCP endpoint.</param>
    /// <param name="first">The sockets that the manager has opened itself for it; null: none.</param>
    /// <returns>These, and those that were kept; null: there are none.</returns>
    public ReceivedSockets? Restore(ListenEndpoint endpoint, ReceivedSockets? first)
    {
        if (first is { IsShared: true } || (first is null && endpoint.EndPoint is not IPEndPoint))
        {
            return first;
        }

        int firstDead = int.MaxValue;
        List<Candidate> candidates = [.. CandidatesOf(endpoint.Name, slot => firstDead = Math.Min(firstDead, slot))];
        ulong[] activated = [.. first?.Sockets.Select(socket => socket.Inode) ?? []];
        (IPEndPoint address, bool dualStack) = first is null ? TcpListeners.UsableAddress(endpoint) : ((IPEndPoint)first.Endpoint.EndPoint, first.Endpoint.DualStack);
        if (StoredGroup.WhyUseless([.. candidates.Select(candidate => (candidate.Slot, candidate.Check))], activated, address, dualStack) is string why)
        {
            candidates.ForEach(candidate => Close(candidate.Socket, why));
            return first;
        }

        // One that has left the group took nobody's place if it was the last.
        return candidates.Count == 0 ? first : Adopt(endpoint, first, candidates, activated.Length, isOrderKnown: firstDead > candidates[^1].Slot);
    }

    /// <summary>Closes what nobody wanted.</summary>
    /// <param name="why">What is said about it.</param>
    public void CloseOthers(string why)
    {
        foreach (PassedSocket socket in _left.ToArray())
        {
            _left.Remove(socket);
            Close(socket, why);
        }
    }

    public void Dispose()
    {
        _left.ForEach(socket => socket.Dispose());
        _left.Clear();
    }

    private ReceivedSockets Adopt(ListenEndpoint endpoint, ReceivedSockets? first, List<Candidate> candidates, int activated, bool isOrderKnown)
    {
        PassedSocketCheck check = candidates[0].Check;
        ListenEndpoint resolved = first?.Endpoint ?? endpoint.At(check.Address, check.DualStack);
        List<ListeningSocket> all = [.. first?.Sockets ?? []];
        foreach (Candidate candidate in candidates)
        {
            manager?.Knows(candidate.Socket.Name, candidate.Check.Inode);
            using (candidate.Socket)
            {
                if (candidate.Slot >= activated)
                {
                    all.Add(ListeningSocket.Adopt(candidate.Socket, resolved.Name, resolved.Backlog));
                    all[^1].Prepare(resolved);
                }
            }
        }

        return new ReceivedSockets(resolved, all, isShared: false, activated, () => first?.Dispose()) { IsOrderKnown = isOrderKnown };
    }

    /// <summary>Those of an endpoint that listen, in the order of their slots.</summary>
    private IEnumerable<Candidate> CandidatesOf(string endpoint, Action<int> onDead)
    {
        (int Slot, PassedSocket Socket)[] own =
            [.. _left.Select(socket => (Slot: SlotOf(socket, endpoint), Socket: socket)).Where(one => one.Slot >= 0).OrderBy(one => one.Slot)];
        foreach ((int slot, PassedSocket socket) in own)
        {
            _left.Remove(socket);
            PassedSocketCheck? check = TryExamine(socket, out string? failure);
            if (check is null)
            {
                Close(socket, failure!);
                onDead(slot);
            }
            else
            {
                yield return new Candidate(slot, socket, check);
            }
        }
    }

    private static int SlotOf(PassedSocket socket, string endpoint) =>
        StoredName.TryRead(socket.Name, out string? of, out int slot) && of == endpoint ? slot : -1;

    private static PassedSocketCheck? TryExamine(PassedSocket socket, out string? failure)
    {
        try
        {
            failure = null;
            return PassedSocketCheck.Examine(socket, "It");
        }
        catch (IOException e)
        {
            failure = e.Message;
            return null;
        }
    }

    private void Close(PassedSocket socket, string why)
    {
        // What does not listen, or is no socket, has nobody to disturb.
        if (!managersOwn.Contains(socket.Inode) && shutdown(socket.Number, SHUT_RDWR) < 0 && Errno.Last != ENOTCONN && Errno.Last != ENOTSOCK)
        {
            warn($"The socket \"{socket.Name}\" could not be shut down: {Errno.Name(Errno.Last)}.");
        }

        manager?.Forget(socket.Name);
        warn($"The socket \"{socket.Name}\" that the service manager had kept is not used, and what waited in its queue is lost: {why}");
        socket.Dispose();
    }

    private sealed record Candidate(int Slot, PassedSocket Socket, PassedSocketCheck Check);
}
