using System.Runtime.InteropServices;

namespace WorkerPool.Runtime;

/// <summary>SIGTERM, SIGQUIT and SIGINT to the master: the first one means graceful, the second one at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _graceful;
    private readonly CancellationTokenSource _immediate = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals(CancellationToken alsoGraceful)
    {
        _graceful = CancellationTokenSource.CreateLinkedTokenSource(alsoGraceful);
        PosixSignal[] signals = [PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGINT];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    public CancellationToken Graceful => _graceful.Token;

    public Task WhenGracefulAsync() => WhenAsync(_graceful.Token);

    public Task WhenImmediateAsync() => WhenAsync(_immediate.Token);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _graceful.Dispose();
        _immediate.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        CancellationTokenSource source = Interlocked.Increment(ref _count) == 1 ? _graceful : _immediate;
        _ = source.CancelAsync();
    }

    private static Task WhenAsync(CancellationToken token) =>
        Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
