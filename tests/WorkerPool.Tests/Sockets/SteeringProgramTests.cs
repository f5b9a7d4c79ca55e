using WorkerPool.Sockets;
using Xunit;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Tests.Sockets;

public sealed class SteeringProgramTests
{
    [Theory]
    [InlineData(new[] { 0 })]
    [InlineData(new[] { 7 })]
    [InlineData(new[] { 0, 1 })]
    [InlineData(new[] { 0, 1, 2, 3, 4 })]
    [InlineData(new[] { 1, 2, 3 })]
    [InlineData(new[] { 0, 2, 9, 1023 })]
    [InlineData(new[] { 9, 2, 0 })]
    public void Each_chosen_index_gets_the_same_share_and_no_other_gets_any(int[] chosen)
    {
        sock_filter[] program = SteeringProgram.Compile(chosen);

        var shares = Enumerable.Range(0, chosen.Length * 10)
            .Select(random => (int)ClassicBpf.Run(program, (uint)random))
            .CountBy(index => index)
            .OrderBy(share => share.Key);

        Assert.Equal(chosen.Order().Select(index => KeyValuePair.Create(index, 10)), shares);
    }

    [Fact]
    public void The_whole_range_of_random_numbers_is_used()
    {
        sock_filter[] program = SteeringProgram.Compile([3, 5]);

        Assert.Equal(3u, ClassicBpf.Run(program, 0xFFFFFFFE));
        Assert.Equal(5u, ClassicBpf.Run(program, uint.MaxValue));
    }

    [Fact]
    public void All_of_1024_slots_need_three_instructions_and_all_but_one_fit_the_kernel()
    {
        Assert.Equal(3, SteeringProgram.Compile(Enumerable.Range(0, 1024)).Length);

        sock_filter[] program = SteeringProgram.Compile(Enumerable.Range(1, 1023));
        Assert.InRange(program.Length, 1, 4096);
        Assert.Equal(1023u, ClassicBpf.Run(program, 1022));
    }

    [Fact]
    public void A_set_that_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SteeringProgram.Compile([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SteeringProgram.Compile([-1, 0]));
        Assert.Throws<ArgumentException>(() => SteeringProgram.Compile([1, 1]));
    }
}
