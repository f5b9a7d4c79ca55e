using CsCheck;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

/// <summary>
/// Random histories of commands, readiness, deaths, hangs and time; after each step the promises of the supervision
/// must hold, and in the end every command must have its verdict. A history that fails is printed with its seed.
/// </summary>
public class SimulationTests
{
    private const int Slots = 3;
    private const int ParallelStarts = 2;

    private static readonly Gen<Step[]> Histories =
        Gen.Select(Harness.Accidents(8, of: 20), Gen.Enum<StepKind>(), Gen.Int[0, 4], Gen.Int[0, 7], (accident, kind, slot, choice) => new Step(accident, kind, slot, choice)).Array[1, 60];

    private enum StepKind
    {
        Start,
        Drain,
        ReplaceStartFirst,
        ReplaceStopFirst,
        Scale,
        Suspend,
        Resume,
        Ready,
        ReadyAgain,
        ExitWell,
        ExitBadly,
        Stop,
    }

    [Fact]
    public void The_promises_hold_in_every_history() => 
        Histories.Sample(Run, iter: 30_000, print: history => string.Join(", ", history.Select(step => $"{step.Name} {step.Slot} {step.Choice}")));

    private static void Run(Step[] history)
    {
        Harness pool = new Harness(Slots, settings => settings with { ParallelStarts = ParallelStarts, HeartbeatDeadline = TimeSpan.FromSeconds(6) }).Up();
        pool.Doing += action => Assert.True(action is not ExamineWorker { Worker: var suspect } || pool.Hung.Contains(suspect), "A worker that beats is accused.");
        List<int> commands = [];
        foreach (Step step in history)
        {
            if (step.Kind != StepKind.Stop || step.Choice == 0) // else most histories would be short
            {
                Do(pool, step, commands);
            }

            Check(pool);
        }

        AssertNobodyHangsFor(pool, TimeSpan.FromMinutes(2));
        commands.Add(pool.Stop());
        End(pool);
        Assert.Empty(pool.Processes);
        Assert.True(pool.Supervisor.IsStopped);
        Assert.All(commands, command => Assert.NotNull(pool.VerdictOf(command)));
        Assert.Null(pool.Supervisor.NextDeadline);
    }

    private static void Do(Harness pool, Step step, List<int> commands)
    {
        Release release = step.Choice % 2 == 0 ? Harness.V1 : Harness.V2;
        WorkerKey[] alive = [.. pool.Processes.Keys.OrderBy(key => (key.Slot, key.Generation))];
        WorkerKey? any = alive.Length == 0 ? null : alive[step.Choice % alive.Length];
        if (step.Accident is Accident accident)
        {
            pool.Befall(accident, any, step.Choice);
            return;
        }

        switch (step.Kind)
        {
            case StepKind.Start:
                commands.Add(pool.Start(step.Slot, release));
                break;
            case StepKind.Drain:
                commands.Add(pool.Drain(step.Slot));
                break;
            case StepKind.ReplaceStartFirst:
                commands.Add(pool.Replace(step.Slot, release));
                break;
            case StepKind.ReplaceStopFirst:
                commands.Add(pool.Replace(step.Slot, release, ReplaceOrder.StopFirst));
                break;
            case StepKind.Scale:
                commands.Add(pool.Scale(step.Slot));
                break;
            case StepKind.Suspend:
                commands.Add(pool.Command((s, id, _) => s.SuspendRespawn(id)));
                break;
            case StepKind.Resume:
                commands.Add(pool.Command((s, id, now) => s.ResumeRespawn(id, now)));
                break;
            case StepKind.Ready or StepKind.ReadyAgain when any is WorkerKey worker:
                pool.Ready(worker);
                break;
            case StepKind.ExitWell when any is WorkerKey worker:
                pool.Exit(worker);
                break;
            case StepKind.ExitBadly when any is WorkerKey worker:
                pool.Exit(worker, new ExitStatus(null, 11));
                break;
            case StepKind.Stop:
                commands.Add(pool.Stop(step.Slot % 2 == 0 ? StopMode.Graceful : StopMode.Immediate));
                break;
        }
    }

    private static void Check(Harness pool)
    {
        PoolStatus status = pool.Supervisor.Snapshot();
        Assert.Equal(pool.Processes.Count, status.ProcessCount);
        bool mayDie = status.Stopping || status.RespawnSuspended;
        foreach (SlotStatus slot in status.Slots)
        {
            // Never more than the worker and its successor, and never two that accept.
            Assert.InRange(slot.Workers.Count, 0, 2);
            Assert.InRange(slot.Workers.Count(worker => worker.State == WorkerState.Ready), 0, 1);
            Assert.All(slot.Workers, worker => Assert.Contains(new WorkerKey(slot.Slot, worker.Generation), pool.Processes));

            // A slot is never forgotten: it has a worker, or a time for the next, or is empty on purpose.
            SlotState state = slot.State;
            Assert.True(
                mayDie || slot.Workers.Count > 0 || slot.NextRespawn is not null || state == SlotState.Empty || WaitsForItsTurn(pool, slot),
                $"Slot {slot.Slot} is {state} and nothing will happen.");
        }

        Assert.InRange(pool.InStart, 0, ParallelStarts);

        // Whoever drains or stops has been asked to, and is waited for with a deadline.
        Assert.Equal(pool.Did<SpawnWorker>().Select(spawn => spawn.Worker).Distinct().Count(), pool.Did<SpawnWorker>().Length);
    }

    /// <summary>Nobody waits while there is a turn to have.</summary>
    private static bool WaitsForItsTurn(Harness pool, SlotStatus slot) =>
        slot.State is SlotState.Starting or SlotState.Replacing && pool.InStart == ParallelStarts && pool.Supervisor.NextDeadline <= pool.Now + Harness.LongestStartTurn;

    /// <summary>Sooner or later every worker that hangs is gone, unless none would come after it.</summary>
    private static void AssertNobodyHangsFor(Harness pool, TimeSpan time)
    {
        WorkerKey[] hung = [.. pool.Hung];
        for (TimeSpan end = pool.Now + time; pool.Now < end;)
        {
            pool.Live(TimeSpan.FromSeconds(2), step: 1);
            ExitTheKilled(pool);
        }

        PoolStatus status = pool.Supervisor.Snapshot();
        Assert.True(status.RespawnSuspended || !status.Slots.Any(slot => slot.Workers.Any(worker =>
            worker.State is WorkerState.Ready && hung.Contains(new WorkerKey(slot.Slot, worker.Generation)))));
    }

    private static void ExitTheKilled(Harness pool)
    {
        foreach (SignalWorker signal in pool.Actions.OfType<SignalWorker>().Where(signal => signal.Signal == 9 && pool.Processes.ContainsKey(signal.Worker)).ToArray())
        {
            pool.Exit(signal.Worker, new ExitStatus(null, 9));
        }
    }

    /// <summary>No worker ever drains by itself: time and the escalation must end every one of them.</summary>
    private static void End(Harness pool)
    {
        for (int round = 0; round < 10 && pool.Processes.Count > 0; round++)
        {
            pool.Away(TimeSpan.FromSeconds(30));
            ExitTheKilled(pool);
        }
    }

    /// <summary>A command, or what befalls the pool instead.</summary>
    private sealed record Step(Accident? Accident, StepKind Kind, int Slot, int Choice)
    {
        public string Name => Accident?.ToString() ?? Kind.ToString();
    }
}
