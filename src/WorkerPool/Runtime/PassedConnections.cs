using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool.Runtime;

/// <summary>The worker's end of the channel that brings connections which arrived at a slot that is gone.</summary>
internal sealed class PassedConnections : IDisposable
{
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
        while (await _readiness.WaitAsync() && TakeAll())
        {
        }
    }

    /// <summary>Takes everything that has been passed so far. False: the master closed the channel.</summary>
    public bool TakeAll()
    {
        lock (_gate)
        {
            while (!_disposed)
            {
                switch (_channel.TryReceive(out int endpoint, out Descriptor? connection))
                {
                    case ReceiveResult.Empty:
                        return true;
                    case ReceiveResult.Closed:
                        return false;
                    default:
                        Inject(endpoint, connection!);
                        break;
                }
            }

            return false;
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

    private void Inject(int endpoint, Descriptor connection)
    {
        if (endpoint < 0 || endpoint >= _listeners.Count)
        {
            connection.Dispose();
            throw new IOException($"The master passed a connection of endpoint {endpoint}; there are {_listeners.Count}.");
        }

        _listeners[endpoint].Inject(connection);
    }
}
