using System.Net;

namespace WorkerPool.Sockets.Activation;

/// <summary>Gives an endpoint the sockets that the service manager passed for it, or says what is wrong with them.</summary>
internal static class ActivatedSockets
{
    /// <param name="endpoint">One whose address is a <see cref="SystemdEndPoint"/>.</param>
    /// <param name="passed">What came.</param>
    /// <exception cref="IOException">The endpoint cannot listen there; the message says why and what to do.</exception>
    public static ReceivedSockets Receive(ListenEndpoint endpoint, PassedSockets passed)
    {
        string name = ((SystemdEndPoint)endpoint.EndPoint).SocketName;
        IReadOnlyList<PassedSocket> named = passed.Borrow(name);
        List<ListeningSocket> sockets = [];
        try
        {
            if (named.Count == 0)
            {
                throw Missing(endpoint, name, passed.Variables);
            }

            PassedSocketCheck[] checks = [.. named.Select(socket => PassedSocketCheck.Examine(socket, $"Endpoint {endpoint}: descriptor {socket.Number}"))];
            Check(endpoint, name, checks);
            ListenEndpoint resolved = endpoint.At(checks[0].Address, checks[0].DualStack);
            foreach (PassedSocket socket in named)
            {
                sockets.Add(ListeningSocket.Adopt(socket, resolved.Name, resolved.Backlog));
                sockets[^1].Prepare(resolved);
            }

            return new ReceivedSockets(resolved, sockets, isShared: !checks[0].ReusePort, sockets.Count, () => passed.Return(name));
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            passed.Return(name);
            throw;
        }
    }

    private static void Check(ListenEndpoint endpoint, string name, PassedSocketCheck[] checks)
    {
        if (checks.Select(check => check.Inode).Distinct().Count() < checks.Length)
        {
            throw new IOException($"Endpoint {endpoint}: one socket was passed twice under the name \"{name}\".");
        }

        EndPoint[] addresses = [.. checks.Select(check => check.Address).Distinct()];
        if (addresses.Length > 1)
        {
            throw new IOException(
                $"Endpoint {endpoint}: the sockets of the name \"{name}\" listen on {string.Join(", ", addresses.Select(AddressText.Format))}. "
                    + "One endpoint is one address: make a .socket unit with a FileDescriptorName= of its own for each.");
        }

        // Sockets at one address that all listen have SO_REUSEPORT, unless somebody took it from them later.
        if (checks.Length > 1 && !checks.All(check => check.ReusePort))
        {
            throw new IOException($"Endpoint {endpoint}: of {checks.Length} sockets at {AddressText.Format(addresses[0])} some have no SO_REUSEPORT. Set ReusePort=yes for all, or pass one.");
        }
    }

    private static IOException Missing(ListenEndpoint endpoint, string name, ListenVariables variables) => new(
        $"Endpoint {endpoint}: the service manager passed no socket \"{name}\". "
            + (variables.Absence ?? $"It passed: {string.Join(", ", variables.Names.Distinct().Select(one => $"\"{one}\""))}. "
                + $"FileDescriptorName={name} in the .socket unit gives the name; without, it is that of the unit."));
}
