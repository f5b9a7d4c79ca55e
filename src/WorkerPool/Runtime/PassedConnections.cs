using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool.Runtime;

/// <summary>The worker's end of the pass channel: it brings connections that others accepted, and takes those that this worker hands over.</summary>
internal sealed class PassedConnections : IDisposable
{
    private static readonly TimeSpan RoomDelay = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly DescriptorChannel _channel;
    private readonly Readiness _readiness;
    private readonly IReadOnlyList<WorkerListener> _listeners;
    private bool _disposed;

    public PassedConnections(Descriptor descriptor, IReadOnlyList<WorkerListener> listeners)
    {
        _channel = new DescriptorChannel(descriptor);
        _readiness = new Readiness(descriptor);
        _listeners = listeners;
    }

    public async Task RunAsync()
    {
        while (await _readiness.WaitAsync() && TakeAll() is ReceiveResult result and not ReceiveResult.Gone)
        {
            if (result == ReceiveResult.NoRoom)
            {
                await Task.Delay(RoomDelay);
            }
        }
    }

    /// <summary>Takes everything that was passed; the master can pass no more, and learns it when it tries.</summary>
    public void TakeLast()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _channel.StopSending();
            }

            TakeAll();
        }
    }

    /// <summary>Takes everything that has been passed so far, and says why there is no more at present.</summary>
    public ReceiveResult TakeAll()
    {
        lock (_gate)
        {
            while (!_disposed)
            {
                ReceiveResult result = _channel.TryPeek(out int endpoint, out Descriptor? connection);
                if (result != ReceiveResult.Received)
                {
                    return result;
                }

                if (!TryInject(endpoint, connection!))
                {
                    return ReceiveResult.Gone;
                }

                _channel.Discard();
            }

            return ReceiveResult.Gone;
        }
    }

    /// <summary>Gives a connection to the master, for another worker; the caller's own descriptor stays the caller's.</summary>
    /// <exception cref="SystemCallException">The descriptor is not usable.</exception>
    public SendResult TryHandOver(int endpoint, Descriptor connection)
    {
        lock (_gate)
        {
            return _disposed ? SendResult.Gone : _channel.TrySend(endpoint, connection);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _readiness.Dispose();
            _channel.Dispose();
        }
    }

    /// <summary>False: nobody accepts here any more. The connection stays in the channel, and the master takes it back.</summary>
    private bool TryInject(int number, Descriptor connection)
    {
        bool isHandedOver = number < 0;
        int endpoint = isHandedOver ? ~number : number;
        if (endpoint >= _listeners.Count)
        {
            connection.Dispose();
            throw new IOException($"The master passed a connection with the number {number}; there are {_listeners.Count} endpoints.");
        }

        if (_listeners[endpoint].Inject(connection, isHandedOver ? Origin.OtherWorker : Origin.Client))
        {
            return true;
        }

        connection.Dispose();
        return false;
    }
}
