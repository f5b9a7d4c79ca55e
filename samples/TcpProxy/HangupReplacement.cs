using System.Runtime.InteropServices;
using System.Threading.Channels;
using WorkerPool;

namespace TcpProxy;

/// <summary>
/// SIGHUP to the master: replaces all workers, one by one, by what the program's files are now.
/// </summary>
/// <remarks>
/// One round at a time. A SIGHUP that comes while a round runs is refused, loudly: it may mean yet another release, and
/// whoever sent it has to look. A round ends at the first worker that cannot be replaced; the others keep what they run.
/// </remarks>
internal sealed class HangupReplacement(Master master, ProxyOptions options)
{
    private readonly Channel<bool> _rounds = Channel.CreateUnbounded<bool>();
    private readonly Release _release = options.CurrentRelease();
    private int _running;

    public async Task RunAsync(CancellationToken stopping)
    {
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup);
        Say($"{master.Status.ReadyCount} workers are ready, process {Environment.ProcessId} is the master.");
        try
        {
            await foreach (bool _ in _rounds.Reader.ReadAllAsync(stopping))
            {
                await ReplaceAllAsync();
                Volatile.Write(ref _running, 0);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The pool stops; a command that was under way has got its verdict by that.
        }
    }

    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            Say("SIGHUP is ignored: the workers are being replaced already. Send it again when that has ended.");
            return;
        }

        _rounds.Writer.TryWrite(true);
    }

    private async Task ReplaceAllAsync()
    {
        if (Refresh() is not Release release)
        {
            return;
        }

        Say($"SIGHUP: replacing {master.Status.Slots.Count} workers by release \"{release.Label}\".");
        foreach (int slot in master.Status.Slots.Select(slot => slot.Slot))
        {
            Verdict verdict = await master.ReplaceAsync(slot, release, options.Order);
            Say($"slot {slot}: {verdict.Outcome}, {verdict.Duration.TotalSeconds:0.000} s. {verdict.Message}");
            if (!verdict.IsDone)
            {
                Say("The round ends here; the slots after this one keep what they run.");
                return;
            }
        }

        Say("All workers are replaced.");
    }

    private Release? Refresh()
    {
        try
        {
            return _release.Refresh();
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or SystemCallException)
        {
            Say($"SIGHUP is ignored: there is no release to run. {exception.Message}");
            return null;
        }
    }

    private static void Say(string line) => Console.WriteLine($"TcpProxy: {line}");
}
