using System.Net.Sockets;
using WorkerPool.Probes;

namespace WorkerPool;

/// <summary>The worker that a <see cref="HealthProbe"/> is about, for one attempt. Thread-safe.</summary>
public sealed class ProbeContext
{
    private readonly Lock _gate = new();
    private readonly List<Stream> _streams = [];
    private readonly ProbeTarget _target;
    private bool _ended;

    internal ProbeContext(ProbeTarget target) => _target = target;

    /// <summary>The slot of the worker, from 0.</summary>
    public int Slot => _target.Key.Slot;

    /// <summary>The running number of the worker in its slot, from 1.</summary>
    public int Generation => _target.Key.Generation;

    /// <summary>The id of its process.</summary>
    public int ProcessId => _target.ProcessId;

    /// <summary>The label of its release.</summary>
    public string Label => _target.Label;

    /// <summary>Makes a connection which this worker serves, and no other.</summary>
    /// <param name="endpoint">The name of the endpoint that the worker takes it for.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The client's end. It is closed after the attempt, if it was not before.</returns>
    /// <exception cref="ArgumentException">The pool has no such endpoint.</exception>
    /// <exception cref="IOException">The worker takes no connection, or none could be made.</exception>
    /// <exception cref="SocketException">No connection could be made.</exception>
    /// <exception cref="ObjectDisposedException">The attempt is over.</exception>
    public async Task<Stream> ConnectAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        Stream stream = await ProbeConnection.OpenAsync(_target, endpoint, cancellationToken);
        lock (_gate)
        {
            if (!_ended)
            {
                _streams.Add(stream);
                return stream;
            }
        }

        await stream.DisposeAsync();
        throw new ObjectDisposedException(nameof(ProbeContext), "The attempt is over.");
    }

    /// <summary>Closes what the attempt left open.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
            _streams.ForEach(stream => stream.Dispose());
        }
    }
}
