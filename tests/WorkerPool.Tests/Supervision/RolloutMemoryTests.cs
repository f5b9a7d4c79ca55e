using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

/// <summary>Workers of 100 MB each, on a machine whose memory the tests choose.</summary>
public class RolloutMemoryTests
{
    private const long Megabyte = 1 << 20;

    private static readonly RolloutPlan Plan = new(Harness.V2) { Bake = TimeSpan.Zero };

    private readonly Harness _pool = new Harness(slots: 4).Up();

    [Fact]
    public void The_new_worker_starts_first_while_there_is_room_for_one_more()
    {
        _pool.Reading = Machine(150);
        _pool.Roll(Plan);
        Assert.Equal(5, _pool.Processes.Count);
    }

    [Fact]
    public void Without_room_the_old_worker_stops_first()
    {
        _pool.Reading = Machine(50);
        int command = _pool.Roll(Plan);
        for (int slot = 0; slot < 4; slot++)
        {
            Assert.Equal(3, _pool.Supervisor.Snapshot().ReadyCount);
            _pool.Exit(new WorkerKey(slot, 1));
            Assert.Equal(4, _pool.Processes.Count);
            _pool.Ready(_pool.Newest(slot));
        }

        Assert.All(_pool.VerdictOf(command)!.Slots, slot => Assert.Equal((RolledSlotState.Done, ReplaceOrder.StopFirst), (slot.State, slot.Order)));
    }

    [Fact]
    public void Each_slot_is_decided_anew()
    {
        _pool.Reading = Machine(150);
        _pool.Roll(Plan);
        _pool.Reading = Machine(50);
        _pool.Ready(_pool.Newest(0));
        _pool.Exit(new WorkerKey(0, 1));
        Assert.Equal(4, _pool.Processes.Count);
        Assert.Equal(WorkerState.Draining, _pool.Slot(1).Workers.Single().State);
    }

    [Fact]
    public void Nothing_is_done_before_the_memory_is_known()
    {
        _pool.Roll(Plan);
        Assert.Single(_pool.Did<MeasureMemory>());
        Assert.Equal(4, _pool.Processes.Count);
        _pool.Supervisor.MemoryMeasured(Machine(1000)(_pool), _pool.Now);
        _pool.Settle();
        Assert.Equal(5, _pool.Processes.Count);
    }

    [Fact]
    public void A_surge_that_does_not_fit_is_refused_if_start_first_is_demanded()
    {
        _pool.Reading = Machine(50);
        Verdict verdict = _pool.VerdictOf(_pool.Roll(Plan with { Order = ReplaceOrder.StartFirst }))!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.NotEnoughMemory), (verdict.Outcome, verdict.Reason));
        Assert.Contains("50 MiB", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(4, _pool.Supervisor.Snapshot().ReadyCount);
    }

    [Fact]
    public void A_surge_that_fits_only_in_part_is_lowered()
    {
        _pool.Reading = pool => Machine(250 - (100 * (pool.Processes.Count - 4)))(pool);
        int command = _pool.Roll(Plan with { Order = ReplaceOrder.StartFirst, Parallelism = 4, Surge = 4 });
        Assert.InRange(_pool.Processes.Count, 5, 6);
        for (int slot = 0; slot < 4; slot++)
        {
            _pool.Ready(_pool.Newest(slot));
            _pool.Exit(new WorkerKey(slot, 1));
            Assert.InRange(_pool.Processes.Count, 4, 6);
        }

        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void Not_even_stop_first_has_a_clear_verdict()
    {
        _pool.Reading = pool => new MemoryReading(
            new MemoryAmount(0, "MemAvailable"),
            [.. pool.Processes.Keys.Select((key, i) => new WorkerMemory(key.Slot, new MemoryAmount((100 + (100 * i)) * Megabyte, "PSS")))]);
        Verdict verdict = _pool.VerdictOf(_pool.Roll(Plan with { Order = ReplaceOrder.StopFirst }))!;
        Assert.Equal(VerdictReason.NotEnoughMemory, verdict.Reason);
        Assert.Equal(4, _pool.Supervisor.Snapshot().ReadyCount);
    }

    [Fact]
    public void A_dry_run_says_what_would_happen_and_does_nothing()
    {
        _pool.Reading = Machine(150);
        Verdict verdict = _pool.VerdictOf(_pool.Roll(Plan with { DryRun = true, Slots = [2, 0], Parallelism = 2 }))!;
        Assert.True(verdict.IsDone);
        Assert.Equal([2, 0], verdict.Slots.Select(slot => slot.Slot));
        Assert.Contains("at most 5 processes", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("150 MiB are available", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("a ready worker in at least 4 slots", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(4, _pool.Processes.Count);
        Assert.Null(_pool.Supervisor.Snapshot().Rollout);

        _pool.Reading = Machine(50);
        Assert.Contains("Stop-first", _pool.VerdictOf(_pool.Roll(Plan with { DryRun = true }))!.Message, StringComparison.Ordinal);
        Assert.Equal(VerdictReason.NotEnoughMemory, _pool.VerdictOf(_pool.Roll(Plan with { DryRun = true, Order = ReplaceOrder.StartFirst }))!.Reason);
    }

    private static Func<Harness, MemoryReading> Machine(long availableMegabytes) => pool => new MemoryReading(
        new MemoryAmount(availableMegabytes * Megabyte, "MemAvailable"),
        [.. pool.Processes.Keys.Select(key => new WorkerMemory(key.Slot, new MemoryAmount(100 * Megabyte, "PSS")))]);
}
