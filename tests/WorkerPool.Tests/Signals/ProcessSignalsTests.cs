using WorkerPool.Signals;
using Xunit;

namespace WorkerPool.Tests.Signals;

public class ProcessSignalsTests
{
    [Fact]
    public void The_bits_of_the_mask_are_the_signals_counted_from_one()
    {
        const string status = "Name:\tx\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000000005\nSigCgt:\t0000000000000002\n";
        Assert.Equal([1, 3], ProcessSignals.Ignored(status, [1, 2, 3, 15, 28]));
        Assert.Empty(ProcessSignals.Ignored("Name:\tx\n", [1]));
    }

    [Fact]
    public void The_name_of_the_program_does_not_hide_the_terminal()
    {
        Assert.True(ProcessSignals.HasTerminal("12 (a ) b (0 0) S 1 12 12 34816 12 4194304"));
        Assert.False(ProcessSignals.HasTerminal("12 (a) S 1 12 12 0 -1 4194304"));
    }

    [Fact]
    public void A_terminal_takes_SIGWINCH_out_of_the_table_and_nothing_else()
    {
        SignalOptions options = new PoolOptions().Signals;
        options.SIGUSR2 = SignalAction.Untouched;
        int[] without = [.. SignalTable.Of(options, hasTerminal: false).Select(signal => signal.Number)];
        Assert.Equal([1, 2, 3, 10, 15, 21, 22, 28], without.Order());
        Assert.Equal(without.Except([28]), SignalTable.Of(options, hasTerminal: true).Select(signal => signal.Number));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(19, false)]
    [InlineData(32, false)]
    [InlineData(34, false)]
    [InlineData(35, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Signals_that_cannot_be_handled_or_are_others_are_not_sent(int signal, bool may) =>
        Assert.Equal(may, SignalTable.MaySend(signal));
}
