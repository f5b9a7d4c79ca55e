using WorkerPool;

namespace Samples;

/// <summary>What an operator wants to see: that the pool is up, what signals did, how rollouts go and how they end.</summary>
internal sealed class ProgressLines(Master master, string program)
{
    public async Task RunAsync(CancellationToken stopping)
    {
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(stopping);
        Say($"{master.Status.ReadyCount} workers are ready, process {Environment.ProcessId} is the master.");
        try
        {
            await foreach (PoolEvent happened in events)
            {
                SayEvent(happened);
            }
        }
        catch (OperationCanceledException)
        {
            // The pool stops.
        }
    }

    private void SayEvent(PoolEvent happened)
    {
        if (happened is { Kind: PoolEventKind.RolloutEnded, Verdict: Verdict verdict })
        {
            SayVerdict(verdict);
        }
        else if (happened.Rollout is RolloutProgress progress)
        {
            Say($"{progress.State}, {progress.Done} of {progress.Total}: {happened.Message}");
        }
        else if (happened.Kind is PoolEventKind.SignalReceived or PoolEventKind.Warning)
        {
            Say(happened.Message);
        }
    }

    private void SayVerdict(Verdict verdict)
    {
        Say($"{verdict.Outcome}, {verdict.Duration.TotalSeconds:0.000} s. {verdict.Message}");
        foreach (string line in verdict.LastErrorLines)
        {
            Say($"  its last lines: {line}");
        }
    }

    private void Say(string line) => Console.WriteLine($"{program}: {line}");
}
