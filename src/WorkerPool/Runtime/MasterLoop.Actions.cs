using WorkerPool.Processes;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>Does what the supervisor has decided.</summary>
internal sealed partial class MasterLoop
{
    /// <summary>A call that the kernel refuses (a signal to a worker that changed its user, say) must not stop the loop.</summary>
    private void TryDo(SupervisionAction action)
    {
        try
        {
            Do(action);
        }
        catch (SystemCallException e)
        {
            Announce(PoolEventKind.Warning, $"{action.GetType().Name}: {e.Message}");
        }
    }

    private void Do(SupervisionAction action)
    {
        _telemetry.Record(action);
        switch (action)
        {
            case SpawnWorker spawn:
                Spawn(spawn);
                break;
            case DrainWorker drain:
                WorkerOf(drain.Worker)?.Drain(drain.Deadline, drain.TakeQueue, handOver: _handOvers.Begin(drain.Worker));
                break;
            case StopWorker stop:
                WorkerOf(stop.Worker)?.Stop();
                break;
            case SignalWorker signal:
                WorkerOf(signal.Worker)?.Signal(signal.Signal);
                break;
            case ExamineWorker examine when WorkerOf(examine.Worker) is WorkerProcess worker:
                _supervisor.Examined(examine.Worker, ProcessCondition.Read(worker.ProcessId), Now);
                break;
            case HealSockets heal:
                Heal(heal.Slot);
                break;
            case SteerTo steer:
                Steer(steer.Weights);
                break;
            case ProbeWorker probe when WorkerOf(probe.Worker) is WorkerProcess worker:
                _ = ProbeAsync(worker, probe);
                break;
            case TellToReopenLogs reopen:
                WorkerOf(reopen.Worker)?.ReopenLogs();
                break;
            case LetAccept accept:
                WorkerOf(accept.Worker)?.Accept();
                break;
            case MeasureMemory:
                _ = MeasureMemoryAsync([.. _workers.Values.Select(worker => worker.ProcessId)]);
                break;
            case AwaitHandshakes handshakes:
                _ = AwaitHandshakesAsync(handshakes);
                break;
            case GrowSockets grow:
                Grow(grow.Slots);
                break;
            case RetireSockets retire:
                _retirement.Begin(retire.Slots);
                break;
            case EndCommand end:
                _commands.Remove(end.Command, out TaskCompletionSource<Verdict>? completion);
                completion!.SetResult(end.Verdict);
                break;
            case Announce announce:
                Publish(announce);
                break;
        }
    }

    private void Spawn(SpawnWorker spawn)
    {
        try
        {
            WorkerProcess worker = WorkerProcess.Start(
                spawn.Worker, spawn.Release, _options, _privileges, Sockets.OfSlot(spawn.Worker.Slot), spawn.Hold, this, _logger);
            _workers[spawn.Worker] = worker;
            _supervisor.Spawned(spawn.Worker, worker.ProcessId);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            _supervisor.SpawnFailed(spawn.Worker, e.Message, Now);
        }
    }

    private void Heal(int slot)
    {
        foreach (string healed in Sockets.Heal(slot))
        {
            Announce(PoolEventKind.SocketHealed, healed, slot);
        }
    }

    /// <summary>A kernel that refuses is said so once: connections are served all the same, some of them later.</summary>
    private void Steer(IReadOnlyList<double> weights)
    {
        if (Sockets.Steer(weights) is string refusal)
        {
            Announce(PoolEventKind.Warning, $"The kernel does not let the pool steer new connections: {refusal} Those that arrive at a slot without a worker wait for the next one.");
        }
    }

    private async Task AwaitHandshakesAsync(AwaitHandshakes wanted)
    {
        try
        {
            await Sockets.WhenHandshakesSettledAsync(wanted.Worker.Slot, wanted.Limit, _options.TimeProvider, CancellationToken.None);
        }
        catch (SystemCallException e)
        {
            _mailbox.Post(() => Announce(PoolEventKind.Warning, $"It is not known which handshakes have begun: {e.Message}", wanted.Worker.Slot));
        }

        _mailbox.Post(() => _supervisor.HandshakesSettled(wanted.Worker, Now));
    }

    private async Task ProbeAsync(WorkerProcess worker, ProbeWorker wanted)
    {
        string? failure = await worker.ProbeAsync(wanted.Probe, CancellationToken.None);
        _mailbox.Post(() => _supervisor.Probed(wanted.Worker, failure, Now));
    }

    private async Task MeasureMemoryAsync(int[] processes)
    {
        MemoryReading reading = await MemoryMeter.ReadAsync(processes, CancellationToken.None);
        _mailbox.Post(() => _supervisor.MemoryMeasured(reading, Now));
    }

    private void Grow(int slots)
    {
        try
        {
            _retirement.End(slots);
            Sockets.GrowTo(slots);
            _supervisor.SocketsGrown(error: null, Now);
        }
        catch (SystemCallException e)
        {
            _supervisor.SocketsGrown(e.Message, Now);
        }
    }

    private void Publish(Announce announce)
    {
        PoolEvent poolEvent = new()
        {
            Kind = announce.Kind,
            Time = _options.TimeProvider.GetUtcNow(),
            Message = announce.Message,
            Slot = announce.Slot,
            Generation = announce.Generation,
            ProcessId = announce.ProcessId,
            Label = announce.Label,
            Exit = announce.Exit,
            Rollout = announce.Rollout,
            Verdict = announce.Verdict,
        };
        MasterLog.Event(_logger, poolEvent);
        Events.Publish(poolEvent);
    }
}
