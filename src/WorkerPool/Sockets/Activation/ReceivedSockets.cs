namespace WorkerPool.Sockets.Activation;

/// <summary>
/// Listening sockets of one endpoint that are older than this master: it did not open them, and they stay when it closes its
/// descriptors.
/// </summary>
internal sealed class ReceivedSockets : IDisposable
{
    private Action? _release;

    /// <param name="endpoint">The endpoint at the address that they have.</param>
    /// <param name="sockets">Those of the first slots, in the order of the kernel's group; or the one of all slots.</param>
    /// <param name="isShared">Whether it is the one of all slots.</param>
    /// <param name="activatedCount">How many of them, from the first on, the service manager has opened itself.</param>
    /// <param name="release">Called once, when the endpoint does not need them any more.</param>
    public ReceivedSockets(ListenEndpoint endpoint, IReadOnlyList<ListeningSocket> sockets, bool isShared, int activatedCount, Action release)
    {
        Endpoint = endpoint;
        Sockets = sockets;
        IsShared = isShared;
        ActivatedCount = activatedCount;
        _release = release;
    }

    public ListenEndpoint Endpoint { get; }

    /// <summary>The endpoint's to close, once it has taken them.</summary>
    public IReadOnlyList<ListeningSocket> Sockets { get; }

    public bool IsShared { get; }

    public int ActivatedCount { get; }

    /// <summary>False: one had ceased to listen, and another has taken its place in the group.</summary>
    public bool IsOrderKnown { get; init; } = true;

    /// <summary>Closes this process's descriptors of them.</summary>
    public void Dispose()
    {
        foreach (ListeningSocket socket in Sockets)
        {
            socket.Dispose();
        }

        Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
