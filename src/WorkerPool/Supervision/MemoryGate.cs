using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>
/// Decides whether the memory holds the workers that a rollout runs besides the others, and how many of them.
/// </summary>
/// <param name="reserve">What has to stay free, in bytes; see <see cref="PoolOptions.MemoryReserveBytes"/>.</param>
/// <remarks>
/// <list type="number">
/// <item><description>A new worker needs as much as the largest that runs. As soon as a worker of the new release runs it is
/// one of those, so a release that needs more is found out by its first worker.</description></item>
/// <item><description>Workers that are starting have not taken theirs yet: all of it is set aside.</description></item>
/// <item><description>Start-first fits for as many as the rest holds, beyond the reserve.</description></item>
/// <item><description>Stop-first takes only what the new worker needs more than the old one left. If that is nothing it is never
/// refused: it makes a machine that is short of memory no shorter.</description></item>
/// <item><description>What is not known is not counted on: then workers are replaced stop-first.</description></item>
/// </list>
/// It decides the next step, not the whole rollout; ask again, with a new reading, before each.
/// </remarks>
internal sealed class MemoryGate(long reserve)
{
    /// <summary>Decides the next step.</summary>
    /// <param name="reading">What was measured.</param>
    /// <param name="surge">How many workers more the rollout would run at once; at least 1.</param>
    /// <param name="starting">How many workers have been started and are not ready yet.</param>
    public MemoryDecision Decide(MemoryReading reading, int surge, int starting = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(surge, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(starting);
        if (reading.Workers.Count == 0)
        {
            return new(MemoryFit.StartFirst, surge, "No worker runs whose memory could be measured.");
        }

        long[] workers = [.. reading.Workers.Select(worker => worker.Amount.Bytes).OfType<long>()];
        if (workers.Length == 0)
        {
            return StopFirst($"What a worker needs is not known: {reading.Workers[0].Amount.Source}.");
        }

        return reading.Available.Bytes is long available
            ? Decide(new Room(available, reserve, starting, workers.Max(), workers.Min(), reading.Available.Source), surge)
            : StopFirst($"How much memory is available is not known: {reading.Available.Source}.");
    }

    private static MemoryDecision Decide(Room room, int surge)
    {
        int fitting = room.Workers(surge);
        if (fitting > 0)
        {
            string lowered = fitting < surge ? Text($", not for {surge}") : "";
            return new(MemoryFit.StartFirst, fitting, Text($"There is room for {Workers(fitting)} more{lowered}: {room}."));
        }

        return room.Growth <= Math.Max(0, room.Bytes)
            ? StopFirst(Text($"There is no room for one worker more: {room}."))
            : new(MemoryFit.Nothing, 0, Text($"A new worker needs {Size(room.Growth)} more than the smallest one leaves when it ends, and there is no room for that: {room}."));
    }

    private static MemoryDecision StopFirst(string reason) => new(MemoryFit.StopFirst, 0, reason);

    private static string Workers(int count) => count == 1 ? "one worker" : Text($"{count} workers");

    private static string Size(long bytes) => Text($"{bytes / (1024.0 * 1024):0.#} MiB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is left for further workers. Sums saturate: whoever sets a limit of 2⁶³ means none.</summary>
    private readonly record struct Room(long Available, long Reserve, int Starting, long Largest, long Smallest, string Source)
    {
        public long Bytes => (long)Int128.Max(long.MinValue, (Int128)Available - Reserve - ((Int128)Starting * Largest));

        public long Growth => Largest - Smallest;

        public int Workers(int most) => Bytes <= 0 ? 0 : Largest == 0 ? most : (int)Math.Min(most, Bytes / Largest);

        public override string ToString()
        {
            string starting = Starting > 0 ? Text($", and {Starting} still starting will need as much") : "";
            return Text($"{Size(Available)} are available ({Source}), {Size(Reserve)} of it reserved; the largest worker has {Size(Largest)}{starting}");
        }
    }
}
