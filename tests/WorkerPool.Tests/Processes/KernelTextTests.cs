using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class KernelTextTests
{
    [Theory]
    [InlineData("Pss: 12 kB", 12 * 1024L)]
    [InlineData("Rss:   7 kB\nPss:\t12 kB\nPss_Anon: 3 kB\n", 12 * 1024L)]
    [InlineData("Pss 12", 12L)]
    [InlineData("Pss: 0 kB", 0L)]
    [InlineData("Pss: 9223372036854775807 kB", long.MaxValue)]
    [InlineData("Pss: 18446744073709551615", long.MaxValue)]
    [InlineData("Pss_Anon: 3 kB", null)]
    [InlineData("Pss: 12 MB", null)]
    [InlineData("Pss: -12 kB", null)]
    [InlineData("Pss: twelve", null)]
    [InlineData("Pss:", null)]
    [InlineData("", null)]
    public void A_field_has_bytes(string text, long? bytes) => Assert.Equal(bytes, KernelText.Bytes(text, "Pss"));

    [Theory]
    [InlineData("4096\n", 4096L)]
    [InlineData("9223372036854771712", 9223372036854771712L)]
    [InlineData("99999999999999999999", long.MaxValue)]
    [InlineData("max\n", null)]
    [InlineData("-1", null)]
    [InlineData("1,000", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_number_is_not_negative(string? text, long? number) => Assert.Equal(number, KernelText.Number(text));
}
