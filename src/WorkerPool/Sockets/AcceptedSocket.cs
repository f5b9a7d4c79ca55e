using System.Net.Sockets;

namespace WorkerPool.Sockets;

/// <summary>A connection that was accepted; tells the tracker once when it ends, be it disposed or forgotten.</summary>
internal sealed class AcceptedSocket : Socket
{
    private ConnectionTracker? _tracker;

    private AcceptedSocket(SafeSocketHandle handle)
        : base(handle)
    {
    }

    /// <summary>Where it comes from.</summary>
    public Origin Origin { get; private init; }

    /// <summary>Takes over an accepted descriptor which <paramref name="tracker"/> counts already.</summary>
    /// <exception cref="SocketException">The descriptor is not that of a socket; it is closed, and counted as ended.</exception>
    public static AcceptedSocket Own(Accepted accepted, ConnectionTracker tracker)
    {
#pragma warning disable RS0030 // An accepted connection, not a listener: nobody else has its description.
        SafeSocketHandle handle = new(accepted.Number, ownsHandle: true);
#pragma warning restore RS0030
        try
        {
            return new AcceptedSocket(handle) { Origin = accepted.Origin, _tracker = tracker };
        }
        catch
        {
            handle.Dispose();
            tracker.End();
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Interlocked.Exchange(ref _tracker, null)?.End();
    }
}
