using System.Runtime.InteropServices;
using System.Threading.Channels;
using WorkerPool.Processes;

namespace WorkerPool.Signals;

/// <summary>
/// The signals of the master, from before there is one: by default most of them would end the process. What arrives while
/// the workers start is done when they are ready, but for a stop, which ends the start.
/// </summary>
internal sealed class MasterSignals : IDisposable
{
    private readonly Channel<(int Signal, SignalAction Action)> _arrived =
        Channel.CreateUnbounded<(int, SignalAction)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _stopAsked = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly IReadOnlyList<(int Number, SignalAction Action)> _table;

    public MasterSignals(SignalOptions options)
    {
        _table = SignalTable.Of(options, ProcessSignals.HasTerminal());
        foreach ((int number, SignalAction action) in _table)
        {
            _registrations.Add(PosixSignalRegistration.Create(SignalTable.Raw(number), context => OnSignal(context, number, action)));
        }
    }

    /// <summary>Fires when the first signal arrives that means the end, of whichever kind.</summary>
    public CancellationToken StopAsked => _stopAsked.Token;

    /// <summary>Gives the signals to a master until this is disposed.</summary>
    /// <param name="master">The master.</param>
    /// <param name="stop">Stops the pool.</param>
    public async Task RunAsync(Master master, Func<StopMode, Task> stop)
    {
        SignalWork work = new(master, stop);
        if (ProcessSignals.Ignored(_table.Select(signal => signal.Number)) is { Count: > 0 } ignored)
        {
            work.Warn($"{string.Join(", ", ignored.Select(SignalNames.NameOf))} had been set to be ignored when this process was started (by nohup, or by a shell's &), so that the pool never sees it.");
        }

        await foreach ((int signal, SignalAction action) in _arrived.Reader.ReadAllAsync())
        {
            await work.BeginAsync(SignalNames.NameOf(signal), action);
        }
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _arrived.Writer.TryComplete();
        _stopAsked.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int number, SignalAction action)
    {
        context.Cancel = true;
        if (_arrived.Writer.TryWrite((number, action)) && action is SignalAction.Stop or SignalAction.StopNow)
        {
            AskToStop();
        }
    }

    private void AskToStop()
    {
        try
        {
            _ = _stopAsked.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The pool has stopped in this moment.
        }
    }
}
