namespace WorkerPool.Supervision;

/// <summary>What happens when a worker of the slot has ended, or never began.</summary>
internal sealed partial class SlotLife
{
    /// <summary>A worker process ended.</summary>
    public void Exited(WorkerLife worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines, TimeSpan now)
    {
        _lastExit = exit;
        context.Do(new HealSockets(Number));
        _acceptedByEnded = Tally.Add(_acceptedByEnded, worker.Accepted);
        context.AnnounceExit(worker, Text($"The worker ended: {exit}{Cut(worker, exit)}."), exit, now);
        Ended(worker, exit, Describe(worker, exit, lastErrorLines, now), now);
    }

    /// <summary>A worker process could not be started.</summary>
    public void SpawnFailed(WorkerLife worker, string message, TimeSpan now)
    {
        context.Announce(PoolEventKind.SpawnFailed, worker, message);
        Ended(worker, exit: null, Failure(VerdictReason.SpawnFailed, message), now);
    }

    private void Ended(WorkerLife worker, ExitStatus? exit, Verdict failure, TimeSpan now)
    {
        Changed();
        if (worker == Leaving)
        {
            Leaving = null;
            LeavingEnded(worker, exit, now);
        }
        else if (worker == Successor)
        {
            Successor = null;
            LastDeath = failure;
            SuccessorEnded(failure, now);
        }
        else
        {
            Serving = null;
            LastDeath = failure;
            ServingEnded(worker, failure, now);
        }
    }

    private void LeavingEnded(WorkerLife worker, ExitStatus? exit, TimeSpan now)
    {
        if (Command is null)
        {
            return; // the pool stops, or the slot was restored meanwhile
        }

        string cut = "";
        if (exit is ExitStatus status)
        {
            Command.ConnectionsCut += worker.ConnectionsCut(status);
            cut = Cut(worker, status);
        }

        if (Command is { Kind: SlotCommandKind.Replace, Order: ReplaceOrder.StopFirst })
        {
            SpawnServing(Command.Failure is null ? Command.Release : Command.Previous);
        }
        else
        {
            string done = Command.Kind == SlotCommandKind.Drain
                ? "The worker is gone and the slot is empty"
                : Text($"The worker is replaced, by release \"{Release.Label}\"");
            string end = exit is null ? "had not been started yet" : Text($"ended with {exit}{cut}");
            EndCommand(Outcome.Done, $"{done}; the old one {end}.", now);
        }
    }

    private void SuccessorEnded(Verdict failure, TimeSpan now)
    {
        if (Command is not null)
        {
            EndCommand(failure with { Message = failure.Message + " The slot keeps its previous release." }, now);
        }

        if (Serving is null)
        {
            Respawn(now);
        }
    }

    private void ServingEnded(WorkerLife worker, Verdict failure, TimeSpan now)
    {
        if (Successor is not null)
        {
            CountDeath(worker, now); // the successor takes the slot when it is ready
        }
        else if (Command is { Succeeded: false })
        {
            StartFailed(failure, now);
        }
        else
        {
            CountDeath(worker, now);
            Respawn(now);
        }
    }

    /// <summary>The worker that a command started has failed: a started slot is empty again, a replaced one goes back.</summary>
    private void StartFailed(Verdict failure, TimeSpan now)
    {
        if (Command!.Kind == SlotCommandKind.Start)
        {
            WantsWorker = false;
            EndCommand(failure with { Message = failure.Message + " The slot is empty." }, now);
        }
        else if (Command.Failure is null)
        {
            Command.Failure = failure;
            SpawnServing(Command.Previous);
        }
        else
        {
            _earlyDeaths++;
            EndCommand(
                Command.Failure with
                {
                    Message = $"{Command.Failure.Message} The previous release did not start either ({failure.Message}); it will be tried again.",
                },
                now);
            Respawn(now);
        }
    }

    private void CountDeath(WorkerLife worker, TimeSpan now)
    {
        bool stable = worker.ProvedLife(now) >= context.Settings.StableAfter;
        _earlyDeaths = stable ? 0 : _earlyDeaths + 1;
    }

    private void Respawn(TimeSpan now)
    {
        if (!WantsWorker || context.Stopping || context.RespawnSuspended)
        {
            return;
        }

        RespawnDelay delays = context.Settings.RespawnDelay;
        TimeSpan delay = delays.After(_earlyDeaths, context.Settings.Chance());
        if (delays.OpensBreaker(_earlyDeaths) && !_breakerOpen)
        {
            _breakerOpen = true;
            context.Announce(PoolEventKind.BreakerOpened, Number, Text($"{_earlyDeaths} workers in a row died early; from now on one attempt every {Seconds(delays.BreakerPeriod)}."));
        }

        if (delay > TimeSpan.Zero)
        {
            context.Announce(PoolEventKind.RespawnScheduled, Number, Text($"The next worker starts in {Seconds(delay)} (early deaths in a row: {_earlyDeaths})."));
            _respawnAt = now + delay;
        }
        else
        {
            SpawnServing(Release);
        }
    }

    /// <summary>Dead workers are started again, so the slot needs one at once if it lacks one.</summary>
    public void RespawnResumed(TimeSpan now)
    {
        bool commandBringsOne = Command is { Succeeded: false };
        if (WantsWorker && !context.Stopping && !commandBringsOne && Serving is null && _respawnAt is null)
        {
            SpawnServing(Release);
        }
    }

    /// <summary>Dead workers stay dead, so a start that is due later does not happen.</summary>
    public void RespawnSuspended()
    {
        _respawnAt = null;
        Changed();
    }

    private void CloseBreaker()
    {
        if (_breakerOpen)
        {
            _breakerOpen = false;
            context.Announce(PoolEventKind.BreakerClosed, Number, "The slot has a worker that stays.");
        }
    }

    private Verdict Describe(WorkerLife worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines, TimeSpan now)
    {
        Verdict verdict = worker.Fault == VerdictReason.None
            ? Failure(VerdictReason.ExitedBeforeReady, Text($"The new worker of slot {Number} (process {worker.ProcessId}, release \"{worker.Release.Label}\") ended before it was ready: {exit}."))
            : Failure(worker.Fault, worker.FaultMessage);
        if (worker is { Fault: VerdictReason.None, ReadySince: TimeSpan since })
        {
            verdict = Failure(VerdictReason.ExitedAfterReady, Text($"The worker of slot {Number} (process {worker.ProcessId}, release \"{worker.Release.Label}\") ended {Seconds(now - since)} after it was ready: {exit}."));
        }

        return verdict with { Exit = exit, LastErrorLines = lastErrorLines };
    }

    private static Verdict Failure(VerdictReason reason, string message) =>
        new() { Outcome = Outcome.Failed, Reason = reason, Message = message };

    private static string Cut(WorkerLife worker, ExitStatus exit) =>
        worker.ConnectionsCut(exit) is int cut and > 0 ? $"; {Counted.Of(cut, "connection")} cut" : "";
}
