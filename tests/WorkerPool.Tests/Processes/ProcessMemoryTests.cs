using WorkerPool.Processes;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class ProcessMemoryTests
{
    private const string Rollup = """
        5581a7a4e000-7ffd0b5f6000 ---p 00000000 00:00 0                          [rollup]
        Rss:                3648 kB
        Pss:                1000 kB
        Pss_Dirty:           548 kB
        Swap:                 40 kB
        SwapPss:              24 kB
        Locked:                0 kB
        """;

    [Fact]
    public void The_proportional_set_size_counts_with_what_is_swapped_out() =>
        Assert.Equal(1024 * 1024, ProcessMemory.FromRollup(Rollup).Bytes);

    [Fact]
    public void A_kernel_without_SwapPss_has_nothing_swapped() =>
        Assert.Equal(5 * 1024, ProcessMemory.FromRollup("Pss: 5 kB").Bytes);

    [Fact]
    public void A_text_without_it_gives_the_reason()
    {
        MemoryAmount amount = ProcessMemory.FromRollup("Rss: 5 kB");
        Assert.Null(amount.Bytes);
        Assert.Contains("Pss", amount.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2500 900 400 10 0 300 0\n", 500L * 4096)]
    [InlineData("2500 400 900 10 0 300 0", 0L)]
    [InlineData("0 0 0 0 0 0 0", null)]
    [InlineData("12", null)]
    [InlineData("", null)]
    public void Of_statm_counts_what_is_resident_and_not_shared(string text, long? bytes) =>
        Assert.Equal(bytes, ProcessMemory.FromStatm(text, pageSize: 4096).Bytes);
}
