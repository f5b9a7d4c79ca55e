namespace WorkerPool.Supervision;

/// <summary>The commands of a slot, up to their verdicts.</summary>
internal sealed partial class SlotLife
{
    /// <summary>Starts a worker in a slot that has none.</summary>
    public void BeginStart(int? commandId, Release? what, TimeSpan now)
    {
        Command = new SlotCommand(SlotCommandKind.Start, commandId, now) { Release = what ?? Release, Previous = Release };
        WantsWorker = true;
        SpawnServing(Command.Release, now);
    }

    /// <summary>Stops the slot's worker; the slot stays empty.</summary>
    public void BeginDrain(int? commandId, TimeSpan deadline, TimeSpan now)
    {
        Command = new SlotCommand(SlotCommandKind.Drain, commandId, now);
        WantsWorker = false;
        _respawnAt = null;
        if (Serving is null)
        {
            EndCommand(Outcome.Done, "The slot had no worker; none will be started.", now);
        }
        else
        {
            SendAway(deadline, takeQueue: false, now);
        }
    }

    /// <summary>
    /// Puts a worker of another release (or a fresh one of the same) into the slot.
    /// </summary>
    /// <remarks>
    /// <code>
    /// start-first: 1 spawn the successor  2 it is ready: it has the slot  3 the old one drains  4 it exits: done
    ///              1–2 fails: the successor is killed, the old one never noticed
    /// stop-first:  1 the old one drains   2 it exits: spawn the new one   3 it is ready: done
    ///              2–3 fails: the previous release is started again, then the verdict is given
    /// </code>
    /// </remarks>
    public void BeginReplace(int? commandId, Release? what, ReplaceOrder order, TimeSpan now)
    {
        Command = new SlotCommand(SlotCommandKind.Replace, commandId, now)
        {
            Release = what ?? Release,
            Previous = Release,
            Order = order,
        };
        WantsWorker = true;
        if (Serving is null)
        {
            SpawnServing(Command.Release, now);
        }
        else if (order == ReplaceOrder.StartFirst)
        {
            Successor = Spawn(Command.Release, now);
        }
        else
        {
            SendAway(context.Settings.DrainDeadline, takeQueue: false, now);
        }
    }

    /// <summary>The successor is ready: it has the slot, and the old worker, if it still lives, drains.</summary>
    private void Succeed(TimeSpan now)
    {
        WorkerLife? old = Serving;
        if (old is not null)
        {
            SendAway(context.Settings.DrainDeadline, takeQueue: false, now);
        }

        Serving = Successor;
        Successor = null;
        Command!.Succeeded = true;
        Adopt(Command.Release!);
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
            Adopt(Command.Release!);
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

    /// <summary>Moves the serving worker out of its place and asks it to drain; one that is not ready yet has nothing to drain.</summary>
    private void SendAway(TimeSpan deadline, bool takeQueue, TimeSpan now)
    {
        Leaving = Serving;
        Serving = null;
        Dismiss(Leaving!, deadline, takeQueue, now);
    }

    private void Dismiss(WorkerLife worker, TimeSpan deadline, bool takeQueue, TimeSpan now)
    {
        if (worker.State == WorkerState.Ready)
        {
            worker.BeginDrain(now + deadline);
            context.Do(new DrainWorker(worker.Key, deadline, takeQueue));
            context.Announce(PoolEventKind.WorkerDraining, worker, Text($"The worker drains, for at most {Seconds(deadline)}."));
        }
        else if (worker.State == WorkerState.Starting)
        {
            StopNow(worker, now);
        }

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
