using WorkerPool.Processes;

namespace WorkerPool.Supervision;

/// <summary>What time brings: deadlines, escalation, respawns that are due.</summary>
internal sealed partial class SlotLife
{
    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = Deadlines.Earlier(_respawnAt, Leaving?.Deadline);
            next = Deadlines.Earlier(Deadlines.Earlier(next, Serving?.Deadline), Successor?.Deadline);
            return Deadlines.Earlier(Deadlines.Earlier(next, ProvedStableAt), NextRampAt);
        }
    }

    public void Tick(TimeSpan now)
    {
        foreach (WorkerLife worker in Workers.Where(worker => worker.Deadline <= now).ToArray())
        {
            DeadlineReached(worker, now);
        }

        Ramp(now);
        if (ProvedStableAt <= now)
        {
            _earlyDeaths = 0;
            CloseBreaker();
            Changed();
        }

        if (_respawnAt <= now)
        {
            SpawnServing(Release);
        }
    }

    /// <summary>The worker broke the protocol or failed otherwise: it is killed, and its exit will do the rest.</summary>
    public void GiveUp(WorkerLife worker, VerdictReason reason, string message)
    {
        if (worker.Fault == VerdictReason.None)
        {
            worker.GiveUp(reason, message);
            if (worker.StartedAt is not null)
            {
                Signal(worker, SignalNames.SIGKILL, message);
            }

            Changed();
        }
    }

    /// <summary>All workers of the slot go; nothing is started any more.</summary>
    public void Shutdown(StopMode mode, TimeSpan now)
    {
        _respawnAt = null;
        if (Command is not null)
        {
            EndCommand(Failure(VerdictReason.Stopping, "The pool was stopped before the command was done."), now);
        }

        foreach (WorkerLife worker in Workers.ToArray())
        {
            if (mode == StopMode.Immediate)
            {
                StopNow(worker, now);
            }
            else
            {
                Dismiss(worker, context.Settings.DrainDeadline, takeQueue: true, now);
            }
        }

        Changed();
    }

    // Only while there is something to forget. Of a worker that is held to heartbeats one at that time is the proof.
    private TimeSpan? ProvedStableAt =>
        (_earlyDeaths > 0 || _breakerOpen) && Serving is { State: WorkerState.Ready, ReadySince: TimeSpan since } worker
        && worker.IsHeardSince(since + context.Settings.StableAfter)
            ? since + context.Settings.StableAfter
            : null;

    private void DeadlineReached(WorkerLife worker, TimeSpan now)
    {
        switch (worker.State)
        {
            case WorkerState.Starting:
                GiveUp(worker, VerdictReason.StartDeadlineExceeded, Text($"The new worker of slot {Number} (process {worker.ProcessId}, release \"{worker.Release.Label}\") was not ready after {Seconds(now - worker.StartedAt!.Value)}."));
                break;
            case WorkerState.Draining:
                worker.BeginStop(now + context.Settings.StopGrace);
                context.Do(new StopWorker(worker.Key));
                context.Announce(PoolEventKind.WorkerStopping, worker, Text($"The drain deadline is reached with {Counted.Of(worker.Connections, "live connection")}."));
                break;
            case WorkerState.Stopping:
                Escalate(worker, now);
                break;
        }

        Changed();
    }

    private void Escalate(WorkerLife worker, TimeSpan now)
    {
        int signal = worker.NextSignal;
        if (signal == SignalNames.SIGTERM)
        {
            worker.ExpectKill(now + context.Settings.KillGrace);
        }
        else if (signal == SignalNames.SIGABRT)
        {
            worker.ExpectKill(now + (context.Settings.AbortGrace!.Value / 2));
        }
        else
        {
            worker.ExpectExit();
        }

        Signal(worker, signal, Text($"The worker has not ended; it has {Counted.Of(worker.Connections, "live connection")}."));
    }

    /// <summary>No time to drain: the worker is told, then terminated at once, then killed after the grace.</summary>
    private void StopNow(WorkerLife worker, TimeSpan now)
    {
        if (worker is { State: WorkerState.Stopping, Deadline: null })
        {
            return; // killed already
        }

        if (worker.StartedAt is null)
        {
            worker.ExpectExit(); // there is no process to stop
            return;
        }

        worker.BeginStop(now);
        context.Do(new StopWorker(worker.Key));
        Escalate(worker, now);
    }

    private void Signal(WorkerLife worker, int signal, string why)
    {
        context.Do(new SignalWorker(worker.Key, signal));
        context.Announce(PoolEventKind.WorkerSignalled, worker, $"{SignalNames.NameOf(signal)} was sent. {why}");
    }
}
