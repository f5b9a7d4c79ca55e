namespace WorkerPool.Supervision;

/// <summary>The commands of a slot, up to their verdicts.</summary>
internal sealed partial class SlotLife
{
    /// <summary>Starts a worker in a slot that has none.</summary>
    public void BeginStart(CommandOrigin origin, Release? what, TimeSpan now)
    {
        Command = new SlotCommand(SlotCommandKind.Start, origin, now) { Release = what ?? Release, Previous = Release };
        WantsWorker = true;
        SpawnServing(Command.Release);
    }

    /// <summary>Stops the slot's worker; the slot stays empty.</summary>
    public void BeginDrain(CommandOrigin origin, TimeSpan deadline, TimeSpan now)
    {
        Command = new SlotCommand(SlotCommandKind.Drain, origin, now) { Release = Release, Previous = Release };
        WantsWorker = false;
        _respawnAt = null;
        if (Serving is null)
        {
            EndCommand(Outcome.Done, "The slot had no worker; none will be started.", now);
        }
        else
        {
            SendAway(deadline, now);
        }
    }

    /// <summary>
    /// Puts a worker of another release (or a fresh one of the same) into the slot.
    /// </summary>
    /// <remarks>
    /// <code>
    /// start-first: 1 spawn the successor  2 it is ready, and healthy if it is probed: it has the slot
    ///              3 the old one drains   4 it exits: done
    ///              1–2 fails: the successor is killed, the old one never noticed
    /// stop-first:  1 new connections go to other slots, the old one completes what has begun  2 it drains
    ///              3 it exits: spawn the new one   4 it is ready and healthy: it gets connections again, done
    ///              3–4 fails: the previous release is started again, then the verdict is given
    /// </code>
    /// </remarks>
    public void BeginReplace(SlotCommand command, TimeSpan now)
    {
        Command = command;
        WantsWorker = true;
        if (Serving is null)
        {
            SpawnServing(command.Release);
        }
        else if (command.Order == ReplaceOrder.StartFirst)
        {
            Successor = Spawn(command.Release);
        }
        else
        {
            SendAway(command.DrainDeadline ?? context.Settings.DrainDeadline, now);
        }
    }

    /// <summary>Gives up a replacement whose new worker does not have the slot yet; the previous release keeps it, or gets it back.</summary>
    public void CancelReplace(string why)
    {
        if (Command is not { Kind: SlotCommandKind.Replace, Succeeded: false, Failure: null } command)
        {
            return;
        }

        string message = Text($"The replacement in slot {Number} was given up: {why}");
        if (Successor is WorkerLife successor)
        {
            GiveUp(successor, VerdictReason.Aborted, message);
        }
        else if (Serving is { State: WorkerState.Starting } starting)
        {
            GiveUp(starting, VerdictReason.Aborted, message);
        }
        else
        {
            command.Failure = Failure(VerdictReason.Aborted, message); // the old one drains; its exit brings the previous release
        }
    }

    /// <summary>
    /// The slot, whose worker is dead, goes back to a release at once, even while an older worker still drains; if that
    /// dies too, it is respawned as ever.
    /// </summary>
    public void Revert(Release release, TimeSpan now)
    {
        Release = release;
        _earlyDeaths = 0;
        SpawnServing(release);
    }

    /// <summary>The successor is ready: it has the slot, and the old worker, if it still lives, drains.</summary>
    private void Succeed(TimeSpan now)
    {
        WorkerLife? old = Serving;
        if (old is not null)
        {
            // Both accept from the same sockets, so nothing has to be steered away.
            Leaving = old;
            Dismiss(old, Command!.DrainDeadline ?? context.Settings.DrainDeadline, takeQueue: false, now);
        }

        Serving = Successor;
        Successor = null;
        Command!.Succeeded = true;
        Adopt(Command.Release);
        if (old is null)
        {
            EndCommand(Outcome.Done, "The worker is replaced; the old one had died meanwhile.", now);
        }
    }

    private void EndStartOrRestore(TimeSpan now)
    {
        if (Command!.Failure is not null)
        {
            EndCommand(Command.Failure with { Message = Command.Failure.Message + " The slot runs its previous release again." }, now);
        }
        else if (Serving is { State: WorkerState.Ready })
        {
            Adopt(Command.Release);
            string what = Command.Kind == SlotCommandKind.Start ? "started" : "replaced";
            EndCommand(Outcome.Done, Text($"The worker is {what}: process {Serving.ProcessId}, release \"{Release.Label}\"."), now);
        }
    }

    private void Adopt(Release release)
    {
        Release = release;
        _earlyDeaths = 0;
        CloseBreaker();
    }

    /// <summary>
    /// Moves the serving worker out of its place and asks it to drain; one that is not ready yet has nothing to drain.
    /// If another slot can have the new connections, that comes first, and this worker takes what its queue still holds.
    /// </summary>
    private void SendAway(TimeSpan deadline, TimeSpan now)
    {
        WorkerLife worker = Serving!;
        Leaving = worker;
        Serving = null;
        if (worker.State == WorkerState.Ready && context.Settings.HandshakeLimit is TimeSpan limit && context.OthersAccept(this))
        {
            worker.Withdraw(new DrainWorker(worker.Key, deadline, TakeQueue: true), now + limit + deadline);
            context.Do(new AwaitHandshakes(worker.Key, limit));
            context.Announce(PoolEventKind.WorkerWithdrawn, worker, "New connections go to other slots; the worker serves those that have begun.");
            Changed();
        }
        else
        {
            Dismiss(worker, deadline, takeQueue: false, now);
        }
    }

    /// <summary>No connection is on its way to the withdrawn worker any more: it may stop accepting.</summary>
    public void HandshakesSettled(WorkerLife worker, TimeSpan now)
    {
        if (worker.DrainAfterWithdrawal is DrainWorker drain)
        {
            Drain(worker, drain, now);
        }
    }

    private void Dismiss(WorkerLife worker, TimeSpan deadline, bool takeQueue, TimeSpan now)
    {
        if (worker.State == WorkerState.Ready || worker.DrainAfterWithdrawal is not null)
        {
            Drain(worker, new DrainWorker(worker.Key, deadline, takeQueue), now);
        }
        else if (worker.State == WorkerState.Starting)
        {
            StopNow(worker, now);
        }

        Changed();
    }

    private void Drain(WorkerLife worker, DrainWorker drain, TimeSpan now)
    {
        worker.BeginDrain(now + drain.Deadline);
        context.Do(drain);
        context.Announce(PoolEventKind.WorkerDraining, worker, Text($"The worker drains, for at most {Seconds(drain.Deadline)}."));
        Changed();
    }

    private void EndCommand(Outcome outcome, string message, TimeSpan now) =>
        EndCommand(new Verdict { Outcome = outcome, Message = message }, now);

    private void EndCommand(Verdict verdict, TimeSpan now)
    {
        SlotCommand command = Command!;
        Command = null;
        Changed();
        context.CommandEnded(this, command, verdict with
        {
            Slot = Number,
            Duration = now - command.StartedAt,
            ConnectionsCut = command.ConnectionsCut,
        }, now);
    }
}
