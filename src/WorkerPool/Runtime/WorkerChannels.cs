using WorkerPool.Control;
using WorkerPool.Interop;
using WorkerPool.Processes;
using WorkerPool.Sockets;

namespace WorkerPool.Runtime;

/// <summary>What connects the master with one worker, and until the spawn the worker's ends of it.</summary>
internal sealed class WorkerChannels : IAsyncDisposable
{
    private readonly Descriptor _workerControl;
    private readonly Descriptor _workerPassing;
    private DescriptorChannel? _unread;

    /// <exception cref="SystemCallException">Descriptors or memory are short; nothing is left open.</exception>
    public WorkerChannels(bool relayStandardError, Action<Exception> onRelayFailure)
    {
        (Control, _workerControl) = ControlChannel.CreatePair();
        try
        {
            (Passing, _workerPassing) = DescriptorChannel.CreatePair();
            try
            {
                Errors = relayStandardError ? new ErrorRelay(onRelayFailure) : null;
                _unread = new DescriptorChannel(_workerPassing);
            }
            catch
            {
                Passing.Dispose();
                _workerPassing.Dispose();
                throw;
            }
        }
        catch
        {
            _workerControl.Dispose();
            _ = Control.DisposeAsync().AsTask();
            throw;
        }
    }

    /// <summary>The conversation.</summary>
    public ControlChannel Control { get; }

    /// <summary>Brings connections that arrived at slots which are gone.</summary>
    public DescriptorChannel Passing { get; }

    /// <summary>What the worker says on standard error, if that is relayed.</summary>
    public ErrorRelay? Errors { get; }

    /// <summary>What the worker gets behind its listeners.</summary>
    public IReadOnlyList<Descriptor> WorkerEnds => [_workerControl, _workerPassing];

    /// <summary>To be called after the spawn: only the worker holds these ends then, so its exit can be seen on ours.</summary>
    /// <remarks>Not the end of the pass channel: connections that the worker never receives must not die with it.</remarks>
    public void CloseWorkerEnds()
    {
        _workerControl.Dispose();
        Errors?.CloseWriteEnd();
    }

    /// <summary>To be called once, after the worker's exit: what was passed to it and never received. The caller's.</summary>
    public DescriptorChannel TakeUnread() =>
        Interlocked.Exchange(ref _unread, null) ?? throw new InvalidOperationException("It was taken already.");

    public async ValueTask DisposeAsync()
    {
        CloseWorkerEnds();
        Passing.Dispose();
        Interlocked.Exchange(ref _unread, null)?.Dispose();
        if (Errors is not null)
        {
            await Errors.DisposeAsync();
        }

        await Control.DisposeAsync();
    }
}
