using System.Runtime.InteropServices;
using System.Threading.Channels;
using WorkerPool;

namespace HelloWeb;

/// <summary>
/// SIGHUP to the master: a rollout of what the program's files are now, over all workers. A release that does not prove
/// itself is rolled back.
/// </summary>
/// <remarks>
/// One rollout at a time. The master refuses another, and that is said loudly: it may mean yet another release, and
/// whoever sent the signal has to look.
/// </remarks>
internal sealed class HangupRollout(Master master, HelloOptions options)
{
    private readonly Channel<bool> _hangups = Channel.CreateUnbounded<bool>();
    private readonly Release _release = options.CurrentRelease();

    public async Task RunAsync(CancellationToken stopping)
    {
        Task saying = SayProgressAsync(master.ReadEventsAsync(stopping));
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup);
        Say($"{master.Status.ReadyCount} workers are ready, process {Environment.ProcessId} is the master.");
        foreach ((string name, _) in options.Endpoints)
        {
            Say($"{name} listens on {master.GetEndPoint(name)}.");
        }

        List<Task> rollouts = [saying];
        try
        {
            await foreach (bool _ in _hangups.Reader.ReadAllAsync(stopping))
            {
                rollouts.RemoveAll(static task => task.IsCompletedSuccessfully);
                rollouts.Add(RollAsync());
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The pool stops; a rollout that was under way gets its verdict by that.
        }

        await Task.WhenAll(rollouts);
    }

    private void OnHangup(PosixSignalContext context)
    {
        context.Cancel = true;
        _hangups.Writer.TryWrite(true);
    }

    private async Task RollAsync()
    {
        if (Refresh() is not Release release)
        {
            return;
        }

        Verdict verdict = await master.RollAsync(new RolloutPlan(release) { Order = options.Order, Bake = options.Bake });
        if (verdict.Outcome == Outcome.Refused)
        {
            Say($"SIGHUP is ignored: {verdict.Message}");
        }
    }

    private static async Task SayProgressAsync(IAsyncEnumerable<PoolEvent> events)
    {
        try
        {
            await foreach (PoolEvent happened in events)
            {
                if (happened is { Kind: PoolEventKind.RolloutEnded, Verdict: Verdict verdict })
                {
                    SayVerdict(verdict);
                }
                else if (happened.Rollout is RolloutProgress progress)
                {
                    Say($"{progress.State}, {progress.Done} of {progress.Total}: {happened.Message}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The pool stops.
        }
    }

    private static void SayVerdict(Verdict verdict)
    {
        Say($"{verdict.Outcome}, {verdict.Duration.TotalSeconds:0.000} s. {verdict.Message}");
        foreach (string line in verdict.LastErrorLines)
        {
            Say($"  its last lines: {line}");
        }
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

    private static void Say(string line) => Console.WriteLine($"HelloWeb: {line}");
}
