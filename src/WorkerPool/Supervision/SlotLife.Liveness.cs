using WorkerPool.Processes;

namespace WorkerPool.Supervision;

/// <summary>Workers of the slot that are heard, fall silent, and are given up.</summary>
internal sealed partial class SlotLife
{
    public void Heard(WorkerLife worker, bool isDebugged, TimeSpan now)
    {
        worker.Hear(now, context.Attended.Now, isDebugged);
        if (worker is { IsUnresponsive: true, IsHeld: true })
        {
            worker.IsUnresponsive = false;
            context.Announce(PoolEventKind.WorkerRecovered, worker, "The worker is heard again.");
        }

        Changed();
    }

    /// <summary>Takes note of a silence of half the deadline. When the next thing is due, in attended time; past: it is to be given up.</summary>
    public TimeSpan CheckSilence(WorkerLife worker, TimeSpan deadline, TimeSpan now)
    {
        TimeSpan suspect = worker.SilentSince + (deadline / 2);
        if (!worker.IsUnresponsive && context.Attended.Now < suspect)
        {
            return suspect;
        }

        if (!worker.IsUnresponsive)
        {
            worker.IsUnresponsive = true;
            context.Announce(PoolEventKind.WorkerUnresponsive, worker, Text($"The worker has not been heard for {Seconds(now - worker.LastHeard!.Value)}; it has {worker.Connections} live connections. New ones go to other slots."));
            Changed();
        }

        return worker.IsDebugged ? TimeSpan.MaxValue
            : worker.SparedUntil > worker.SilentSince + deadline ? worker.SparedUntil
            : worker.SilentSince + deadline;
    }

    /// <summary>It is silent because somebody looks at it: a debugger, or what writes a dump.</summary>
    public void Spare(WorkerLife worker, int tracer)
    {
        if (worker.SparedUntil <= worker.SilentSince)
        {
            context.Announce(PoolEventKind.Warning, worker, Text($"The worker is silent, but traced by {tracer}: it is left alone while that is so."));
        }

        worker.SparedUntil = context.Attended.Now + context.Attended.Step;
    }

    /// <summary>It hangs, as far as can be told: it is aborted, if there is to be a dump, and killed. Its exit will do the rest.</summary>
    public void GiveUpSilent(WorkerLife worker, string condition, TimeSpan now)
    {
        string message = Text($"The worker of slot {Number} (process {worker.ProcessId}, release \"{worker.Release.Label}\") hangs: it has not been heard for {Seconds(now - worker.LastHeard!.Value)}; {condition}.");
        worker.GiveUp(VerdictReason.HeartbeatMissed, message);
        if (context.Settings.AbortGrace is TimeSpan grace)
        {
            // The .NET runtime writes its dump at the first SIGABRT and goes on; it ends at the second.
            worker.ExpectAbort(now + (grace / 2));
        }

        Signal(worker, context.Settings.AbortGrace is null ? SignalNames.SIGKILL : SignalNames.SIGABRT, message);
        Changed();
    }
}
