using CsCheck;
using WorkerPool.Sockets;
using Xunit;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Tests.Sockets;

public sealed class SteeringProgramTests
{
    private const long Values = 1L << 32;

    [Fact]
    public void One_index_needs_no_random_number() => AssertListing([0, 0, 5],
        "return 2");

    [Fact]
    public void Equal_weights_need_no_tree() => AssertListing([2, 2, 2],
        "A = random",
        "A %= 3",
        "return A");

    [Fact]
    public void Equal_weights_that_do_not_begin_at_0_are_moved() => AssertListing([0, 1, 1, 1, 0],
        "A = random",
        "A %= 3",
        "A += 1",
        "return A");

    [Fact]
    public void One_index_less_makes_two_runs() => AssertListing([1, 1, 0, 1, 1, 0],
        "A = random",
        "if A >= 2147483646 goto 4 else 2",
        "A %= 2",
        "return A",
        "A %= 2",
        "A += 3",
        "return A");

    [Fact]
    public void A_canary_gets_its_share() => AssertListing([1, 9],
        "A = random",
        "if A >= 429496730 goto 3 else 2", // a tenth of 2^32, rounded up
        "return 0",
        "return 1");

    [Fact]
    public void Four_weights_make_a_tree_of_two_levels() => AssertListing([1, 2, 3, 4],
        "A = random",
        "if A >= 1288490189 goto 5 else 2", // three tenths
        "if A >= 429496730 goto 4 else 3",
        "return 0",
        "return 1",
        "if A >= 2576980377 goto 7 else 6", // six tenths
        "return 2",
        "return 3");

    [Fact]
    public void A_subtree_that_no_branch_reaches_across_is_jumped_over()
    {
        sock_filter[] program = SteeringProgram.Compile([.. Enumerable.Range(1, 259).Select(i => (double)i)]);

        string[] listing = ClassicBpf.List(program);
        Assert.EndsWith("goto 2 else 3", listing[1], StringComparison.Ordinal);
        Assert.Equal("goto 260", listing[2]);
        Assert.Equal("return 0", listing[3 + 7]); // the first leaf, below seven branches
        AssertShares([.. Enumerable.Range(1, 259).Select(i => (double)i)], program);
    }

    [Fact]
    public void Every_index_gets_its_share_and_one_without_weight_gets_nothing()
    {
        Gen<double> weight = Gen.Frequency(
            (2, Gen.Const(0.0)),
            (3, Gen.Const(1.0)),
            (1, Gen.Int[1, 4].Select(one => one / 4.0)),
            (1, Gen.Double[0, 1000]),
            (1, Gen.Int[-300, 300].Select(exponent => Math.Pow(10, exponent))));
        Gen.Select(weight.Array[1, 60], Gen.Int[1, 5])
            .Select((weights, times) => weights.SelectMany(one => Enumerable.Repeat(one, times)).ToArray()) // so that there are runs
            .Where(weights => weights.Any(one => one > 0))
            .Sample(weights => AssertShares(weights, SteeringProgram.Compile(weights)), iter: 5_000);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2000)]
    public void So_many_indices_fit_whatever_their_weights(int count)
    {
        double[] different = [.. Enumerable.Range(1, count).Select(i => (double)i)];
        AssertShares(different, SteeringProgram.Compile(different));

        double[] pairs = [.. Enumerable.Range(0, count).Select(i => (double)(1 + i / 2))];
        AssertShares(pairs, SteeringProgram.Compile(pairs));

        double[] everySecond = [.. Enumerable.Range(0, count).Select(i => (double)(i % 2))];
        AssertShares(everySecond, SteeringProgram.Compile(everySecond));
    }

    [Fact]
    public void Ordinary_tables_of_1024_slots_are_tiny_and_the_worst_one_takes_a_dozen_steps()
    {
        double[] equal = [.. Enumerable.Repeat(1.0, 1024)];
        Assert.Equal(3, SteeringProgram.Compile(equal).Length);

        double[] oneOut = [.. equal];
        oneOut[500] = 0;
        Assert.Equal(7, SteeringProgram.Compile(oneOut).Length);

        double[] canary = [.. equal];
        canary[500] = 0.1;
        Assert.Equal(9, SteeringProgram.Compile(canary).Length);

        sock_filter[] different = SteeringProgram.Compile([.. Enumerable.Range(1, 1024).Select(i => (double)i)]);
        Assert.InRange(different.Length, 2048, 2100);
        int steps = different.Where(i => i.code == SteeringProgram.JumpIfGreaterOrEqual).Max(i => ClassicBpf.Run(different, i.k).Steps);
        Assert.InRange(steps, 12, 17); // a load, ten branches, a jump for each of the five topmost at most, a return
    }

    [Fact]
    public void Weights_beside_which_one_vanishes_leave_it_a_single_value()
    {
        double[] weights = [double.Epsilon, double.MaxValue, 0, double.MaxValue];

        Dictionary<uint, long> counts = ClassicBpf.CountAll(SteeringProgram.Compile(weights));

        Assert.Equal([0u, 1u, 3u], counts.Keys.Order());
        Assert.Equal(1, counts[0]);
        Assert.InRange(Math.Abs(counts[1] - counts[3]), 0, 4);
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_that_makes_no_sense_is_refused(double weight)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => SteeringProgram.Compile([1, weight]));

        Assert.Contains("at 1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_chooses_nobody_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SteeringProgram.Compile([]));
        Assert.Throws<ArgumentException>(() => SteeringProgram.Compile([0, 0]));
    }

    [Fact]
    public void The_interpreter_refuses_what_the_kernel_refuses()
    {
        sock_filter end = new() { code = SteeringProgram.Return };
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([]));
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([new() { code = SteeringProgram.Add }])); // no return
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([new() { code = SteeringProgram.Modulo, k = 0 }, end]));
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([new() { code = SteeringProgram.Jump, k = 1 }, end]));
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([new() { code = SteeringProgram.JumpIfGreaterOrEqual, jt = 1 }, end]));
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([new() { code = 0x28 }, end]));
        Assert.ThrowsAny<Exception>(() => ClassicBpf.Verify([end, end])); // never reached
        ClassicBpf.Verify([end]);
    }

    private static void AssertListing(double[] weights, params string[] expected)
    {
        sock_filter[] program = SteeringProgram.Compile(weights);

        Assert.Equal(expected, ClassicBpf.List(program));
        AssertShares(weights, program);
    }

    private static void AssertShares(double[] weights, sock_filter[] program)
    {
        ClassicBpf.Verify(program);
        Dictionary<uint, long> counts = ClassicBpf.CountAll(program);

        Assert.Equal(Values, counts.Values.Sum());
        double largest = weights.Max();
        double sum = weights.Sum(weight => weight / largest);
        for (uint index = 0; index < weights.Length; index++)
        {
            double expected = weights[index] / largest / sum * Values;
            long count = counts.GetValueOrDefault(index);
            Assert.Equal(weights[index] > 0, count > 0);
            Assert.True(Math.Abs(count - expected) <= weights.Length, $"Index {index} gets {count}, should get {expected}.");
        }

        Assert.DoesNotContain(counts.Keys, index => index >= weights.Length);
    }
}
