using WorkerPool.Control;
using WorkerPool.Interop;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Control;

[Collection(nameof(Alone))]
public class FloodTests
{
    [Fact]
    public async Task A_flood_of_unknown_messages_is_read_with_bounded_memory_and_ends_with_the_peer()
    {
        (ControlChannel master, Descriptor worker) = ControlChannel.CreatePair();
        byte[] frame = Frames.OfJson($$"""{"type":"unknown","fill":"{{new string('x', 60_000)}}"}""");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Task flooding = Task.Run(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                Write(worker, frame);
            }

            worker.Dispose();
        });

        await foreach (ControlMessage message in master.ReadAllAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token))
        {
            Assert.Fail($"Got {message}.");
        }

        await flooding;
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 5_000_000);
        await master.DisposeAsync();
    }

    private static unsafe void Write(Descriptor end, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                bytes = bytes[SystemCall.Check((int)(long)send(end.Number, start, bytes.Length, MSG_NOSIGNAL), "send")..];
            }
        }
    }
}
