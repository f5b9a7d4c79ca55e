using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

[Collection(SerialTests.Name)]
public sealed class LeakTests
{
    [Fact]
    public async Task Five_hundred_children_leave_no_descriptor_and_no_zombie()
    {
        await SpawnAsync(50);
        int before = CountDescriptors();
        await SpawnAsync(500);
        Assert.Equal(before, CountDescriptors());
        Assert.Empty(Zombies());
    }

    private static async Task SpawnAsync(int count)
    {
        using TestPipe pipe = new();
        foreach (int[] some in Enumerable.Range(0, count).Chunk(10))
        {
            await Task.WhenAll(some.Select(async i =>
            {
                await using Child child = Child.Shell($"echo {i} >&2; exit {i % 3}", pipe.ReadEnd, pipe.WriteEnd);
                Assert.Equal(i % 3, (await child.EndAsync()).Code);
                Assert.Equal([$"{i}"], child.Tail);
            }));
        }
    }

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static IEnumerable<string> Zombies() =>
        Directory.GetDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), out _))
            .Select(ReadStat)
            .Where(stat => stat.Contains($") Z {Environment.ProcessId} ", StringComparison.Ordinal));

    private static string ReadStat(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "stat"));
        }
        catch (IOException)
        {
            // It ended in the meantime.
            return "";
        }
    }
}
