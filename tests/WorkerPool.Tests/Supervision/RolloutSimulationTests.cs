using CsCheck;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

/// <summary>
/// Random rollouts over pools whose workers start, hang, fail probes and die as they like. After each step the bounds of
/// the plan hold; when the world is kind again, every rollout comes to its end, and one that was rolled back has left
/// nothing behind. A history that fails is printed with its seed.
/// </summary>
public class RolloutSimulationTests
{
    private const int Slots = 4;

    private static readonly Gen<RolloutPlan> Plans =
        from order in Gen.Enum<ReplaceOrder>()
        from parallelism in Gen.Int[1, 3]
        from surge in Gen.Int[1, 3]
        from unavailable in Gen.Int[1, 2]
        from lingering in Gen.Int[0, 2]
        from failures in Gen.Int[0, 1]
        from action in Gen.Enum<RolloutFailureAction>()
        from count in Gen.Int[1, Slots]
        from probed in Gen.Bool
        from limited in Gen.Bool
        select new RolloutPlan(Harness.V2)
        {
            Order = order,
            Parallelism = parallelism,
            Surge = surge,
            Unavailable = unavailable,
            MaxLingering = lingering,
            MaxFailures = failures,
            OnFailure = action,
            Count = count,
            Probe = probed ? HealthProbe.Custom((_, _) => Task.CompletedTask) : null,
            Bake = TimeSpan.FromSeconds(2),
            Deadline = limited ? TimeSpan.FromSeconds(90) : null,
            CheckMemory = false,
        };

    private static readonly Gen<Step[]> Histories =
        Gen.Select(Harness.Accidents(8, of: 26), Gen.Enum<StepKind>(), Gen.Int[0, 7], (accident, kind, choice) => new Step(accident, kind, choice)).Array[1, 50];

    private enum StepKind
    {
        ReadyOldest,
        ReadyAny,
        ReadyNewest,
        ExitDraining,
        ExitDrainingToo,
        Crash,
        BreakProbe,
        MendProbe,
        HoldHandshakes,
        SettleHandshakes,
        Pause,
        Resume,
        Abort,
        RollAgain,
        Supersede,
        SetWeight,
        Suspend,
        ResumeRespawn,
    }

    [Fact]
    public void Bounds_hold_and_every_rollout_ends() =>
        Plans.Select(Gen.Int[1, Slots], Histories).Sample(Run, iter: 70_000, print: run => $"{run.Item1}, {run.Item2} starts: {string.Join(", ", run.Item3.Select(step => $"{step.Name} {step.Choice}"))}");

    private static void Run(RolloutPlan plan, int parallelStarts, Step[] history)
    {
        Harness pool = new Harness(Slots, settings => settings with { ParallelStarts = parallelStarts, HeartbeatDeadline = TimeSpan.FromSeconds(6) }).Up();
        Watch watch = new(pool, plan, parallelStarts);
        List<int> rollouts = [pool.Roll(plan)];
        watch.Check();
        foreach (Step step in history)
        {
            Do(pool, plan, step, rollouts);
            watch.Check();
        }

        BeKind(pool, watch, rollouts);
        Verdict last = pool.VerdictOf(rollouts[0])!;
        if (rollouts.Count == 1 && last.Outcome is Outcome.RolledBack)
        {
            Assert.All(pool.Processes.Values, release => Assert.Equal(Harness.V1, release));
        }

        if (rollouts.Count == 1 && last.IsDone)
        {
            int failed = last.Slots.Count(slot => slot.Failure is not null);
            Assert.InRange(failed, 0, plan.MaxFailures);
            Assert.Equal(plan.Count!.Value - failed, pool.Supervisor.Snapshot().Slots.Count(slot => slot.Label == "v2"));
        }
    }

    private static void Do(Harness pool, RolloutPlan plan, Step step, List<int> rollouts)
    {
        WorkerKey[] alive = [.. pool.Processes.Keys.OrderBy(key => (key.Slot, key.Generation))];
        WorkerKey? any = alive.Length == 0 ? null : alive[step.Choice % alive.Length];
        if (step.Accident is Accident accident)
        {
            pool.Befall(accident, any, step.Choice);
            return;
        }

        switch (step.Kind)
        {
            case StepKind.ReadyOldest or StepKind.ReadyAny or StepKind.ReadyNewest:
                Starting(pool).Skip(step.Choice % 2).Take(1).ToList().ForEach(pool.Ready);
                break;
            case StepKind.ExitDraining or StepKind.ExitDrainingToo:
                Leaving(pool).Take(1).ToList().ForEach(worker => pool.Exit(worker));
                break;
            case StepKind.Crash when any is WorkerKey worker:
                pool.Exit(worker, new ExitStatus(null, 11));
                break;
            case StepKind.BreakProbe or StepKind.MendProbe:
                pool.ProbeFailure = step.Kind == StepKind.BreakProbe ? "it is ill." : null;
                break;
            case StepKind.HoldHandshakes or StepKind.SettleHandshakes:
                pool.HandshakesSettle = step.Kind == StepKind.SettleHandshakes;
                SettleHandshakes(pool);
                break;
            case StepKind.Pause:
                pool.Command((s, id, _) => s.PauseRollout(id));
                break;
            case StepKind.Resume:
                pool.Command((s, id, _) => s.ResumeRollout(id));
                break;
            case StepKind.Abort when step.Choice < 2:
                pool.Command((s, id, _) => s.AbortRollout(id, rollBack: step.Choice == 0));
                break;
            case StepKind.RollAgain or StepKind.Supersede when step.Choice < 2:
                rollouts.Add(pool.Roll(plan with { Supersede = step.Kind == StepKind.Supersede, Release = step.Choice == 0 ? Harness.V1 : Harness.V2 }));
                break;
            case StepKind.SetWeight:
                pool.Command((s, id, _) => s.SetWeight(id, step.Choice % Slots, step.Choice / 3));
                break;
            case StepKind.Suspend:
                pool.Command((s, id, _) => s.SuspendRespawn(id));
                break;
            case StepKind.ResumeRespawn:
                pool.Command((s, id, now) => s.ResumeRespawn(id, now));
                break;
        }
    }

    /// <summary>From now on everything succeeds; whatever the history left behind must come to its end.</summary>
    private static void BeKind(Harness pool, Watch watch, List<int> rollouts)
    {
        pool.SpawnError = pool.ProbeFailure = null;
        pool.HandshakesSettle = true;
        pool.Hung.Clear();
        pool.Command((s, id, now) => s.ResumeRespawn(id, now));
        for (int round = 0; round < 400 && rollouts.Exists(id => pool.VerdictOf(id) is null); round++)
        {
            SettleHandshakes(pool);
            Starting(pool).ToList().ForEach(pool.Ready);
            watch.Check();
            Leaving(pool).ToList().ForEach(worker => pool.Exit(worker));
            watch.Check();
            pool.Command((s, id, _) => s.ResumeRollout(id));
            pool.Live(TimeSpan.FromSeconds(1), step: 1);
            watch.Check();
        }

        Assert.All(rollouts, rollout => Assert.True(pool.VerdictOf(rollout) is not null, $"A rollout does not end: {pool.Supervisor.Snapshot().Rollout}"));
        for (int round = 0; round < 200 && pool.Supervisor.Snapshot().ReadyCount < Slots; round++)
        {
            Starting(pool).ToList().ForEach(pool.Ready);
            Leaving(pool).ToList().ForEach(worker => pool.Exit(worker));
            pool.Live(TimeSpan.FromSeconds(1), step: 1);
        }

        Assert.Equal(Slots, pool.Supervisor.Snapshot().ReadyCount);
    }

    private static IEnumerable<WorkerKey> Starting(Harness pool) => InState(pool, state => state == WorkerState.Starting);

    private static IEnumerable<WorkerKey> Leaving(Harness pool) => InState(pool, state => state is WorkerState.Draining or WorkerState.Stopping);

    private static IEnumerable<WorkerKey> InState(Harness pool, Func<WorkerState, bool> wanted) =>
        from slot in pool.Supervisor.Snapshot().Slots
        from worker in slot.Workers
        where wanted(worker.State)
        select new WorkerKey(slot.Slot, worker.Generation);

    private static void SettleHandshakes(Harness pool)
    {
        foreach (WorkerKey worker in Leaving(pool).ToArray())
        {
            pool.Supervisor.HandshakesSettled(worker, pool.Now);
            pool.Settle();
        }
    }

    /// <summary>The promises about one moment.</summary>
    private sealed class Watch
    {
        private readonly Harness _pool;
        private readonly RolloutPlan _plan;

        private readonly int _parallelStarts;

        public Watch(Harness pool, RolloutPlan plan, int parallelStarts)
        {
            _parallelStarts = parallelStarts;
            _pool = pool;
            _plan = plan;
            pool.Doing += CheckAction;
            pool.Doing += action => Assert.True(action is not ExamineWorker { Worker: var suspect } || pool.Hung.Contains(suspect), "A worker that beats is accused.");
        }

        public void Check()
        {
            PoolStatus status = _pool.Supervisor.Snapshot();
            Assert.Equal(_pool.Processes.Count, status.ProcessCount);
            Assert.InRange(status.Slots.Sum(slot => Math.Max(0, slot.Workers.Count - 1)), 0, _plan.Surge + _plan.MaxLingering);
            Assert.InRange(_pool.InStart, 0, _parallelStarts);
            CheckTable(status);
            foreach (SlotStatus slot in status.Slots)
            {
                bool waitsForItsTurn = slot.State is SlotState.Starting or SlotState.Replacing && _pool.InStart == _parallelStarts;
                Assert.True(
                    slot.Workers.Count > 0 || slot.NextRespawn is not null || status.RespawnSuspended || waitsForItsTurn,
                    $"Slot {slot.Slot} is {slot.State}, and nothing will happen.");
            }
        }

        /// <summary>The table that the kernel has is the one that these slots ask for; computed anew, and not by the library.</summary>
        private void CheckTable(PoolStatus status)
        {
            double[] claims = [.. status.Slots.Select(slot => Accepts(slot) ? slot.Weight : 0)];
            claims = claims.Sum() > 0 ? claims
                : status.ReadyCount > 0 ? [.. status.Slots.Select(slot => Accepts(slot) ? 1.0 : 0.0)]
                : [.. status.Slots.Select(_ => 1.0)];
            foreach (SlotStatus slot in status.Slots)
            {
                double wanted = claims[slot.Slot] / claims.Sum();
                Assert.Equal(wanted, _pool.Table[slot.Slot], tolerance: 1e-9);
                Assert.Equal(wanted, slot.Share, tolerance: 1e-9);
            }
        }

        private static bool Accepts(SlotStatus slot) => slot.Workers.Any(worker => worker is { State: WorkerState.Ready, IsUnresponsive: false });

        /// <summary>A slot that serves is taken out of service only while enough others serve.</summary>
        private void CheckAction(SupervisionAction action)
        {
            WorkerKey? leaving = action switch
            {
                AwaitHandshakes handshakes => handshakes.Worker,
                DrainWorker { TakeQueue: false } drain => drain.Worker,
                _ => null,
            };
            PoolStatus status = _pool.Supervisor.Snapshot();
            if (leaving is WorkerKey worker && status.Slots[worker.Slot].Workers is [{ IsUnresponsive: false }])
            {
                Assert.InRange(status.ReadyCount, Slots - _plan.Unavailable, Slots);
            }
        }
    }

    /// <summary>A command, or what befalls the pool instead.</summary>
    private sealed record Step(Accident? Accident, StepKind Kind, int Choice)
    {
        public string Name => Accident?.ToString() ?? Kind.ToString();
    }
}
