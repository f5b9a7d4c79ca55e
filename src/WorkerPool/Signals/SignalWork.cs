using WorkerPool.Supervision;

namespace WorkerPool.Signals;

/// <summary>Does what signals mean. Whatever becomes of it is said in the pool's events; nothing is thrown.</summary>
internal sealed class SignalWork(Master master, Func<StopMode, Task> stop)
{
    private Task _scaling = Task.CompletedTask;
    private bool _stopAsked;

    /// <summary>Begins one, after what was begun before is known to the pool.</summary>
    public async Task BeginAsync(string signal, SignalAction action)
    {
        SignalCommand command = SignalDecision.Of(action, await master.SnapshotAsync(), _stopAsked);
        _stopAsked |= command is StopPool;
        if (command is RefuseSignal refusal)
        {
            using IDisposable? reload = action == SignalAction.Roll ? master.BeginReload() : null; // systemd waits for an answer
            Warn($"{signal} is refused: {refusal.Why}");
        }
        else if (command is not DoNothing)
        {
            master.Announce(PoolEventKind.SignalReceived, $"{signal}: {Describe(command)}");
            _ = WorkAsync(signal, command);
        }
    }

    public void Warn(string message) => master.Announce(PoolEventKind.Warning, message);

    private static string Describe(SignalCommand command) => command switch
    {
        StopPool { Mode: StopMode.Graceful } => "the pool stops gracefully.",
        StopPool => "the pool stops at once.",
        BeginRollout => "a rollout.",
        StartAll => "a worker is started in each slot.",
        ScaleBy { Difference: > 0 } => "one worker more.",
        ScaleBy => "one worker less.",
        DrainSlots => "all workers drain; the master keeps the listening sockets.",
        _ => "the workers are told to open their log files anew.",
    };

    private async Task WorkAsync(string signal, SignalCommand command)
    {
        using IDisposable? reload = command is BeginRollout or StartAll ? master.BeginReload() : null;
        try
        {
            foreach (Verdict verdict in await DoAsync(command))
            {
                if (verdict.Outcome == Outcome.Refused)
                {
                    Warn($"{signal} is refused: {verdict.Message}");
                }
            }
        }
        catch (Exception e)
        {
            // Code of the host has failed (PlanRollout), or there is no file to run; the workers are as they were.
            Warn($"{signal} has no effect: {e.Message}");
        }
    }

    /// <summary>The commands reach the pool before this gives up the thread, unless they have to wait for something.</summary>
    private async Task<Verdict[]> DoAsync(SignalCommand command)
    {
        switch (command)
        {
            case StopPool stopping:
                await stop(stopping.Mode);
                return [];
            case BeginRollout:
                return [await master.RollAsync(await PlanAsync())];
            case StartAll:
                Release release = (await PlanAsync()).Release;
                return await Task.WhenAll(master.Status.Slots.Select(slot => master.StartAsync(slot.Slot, release)));
            case ScaleBy scale:
                return [await ScaleAsync(scale.Difference)];
            case DrainSlots drain:
                return await Task.WhenAll(drain.Slots.Select(slot => master.DrainAsync(slot)));
            default:
                return [await master.ReopenLogsAsync()];
        }
    }

    /// <summary>The host's code, which may take its time, or block.</summary>
    private async Task<RolloutPlan> PlanAsync()
    {
        RolloutPlan plan = await Task.Run(master.PlanRollout);
        return master.Signals.SupersedeRollout ? plan with { Supersede = true } : plan;
    }

    /// <summary>Two signals are two workers, so the second one waits for the first.</summary>
    private async Task<Verdict> ScaleAsync(int difference)
    {
        Task before = _scaling;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _scaling = done.Task;
        try
        {
            await before;
            return await master.ScaleAsync(master.Status.Slots.Count + difference);
        }
        finally
        {
            done.SetResult();
        }
    }
}
