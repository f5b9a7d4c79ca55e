using static WorkerPool.Interop.Libc;

namespace WorkerPool.Sockets;

/// <summary>
/// Compiles a table of weights to classic BPF, whose result is the index of the socket that gets the new connection.
/// See Documentation/networking/filter.rst of the kernel.
/// </summary>
/// <remarks>
/// <para>
/// The 2^32 values of a random number are dealt out in the order of the indices: one value to each index that has a
/// weight, the rest in proportion to the weights. Neighbours with equal shares make a <see cref="Run"/>; a binary tree
/// finds the run of the number, and within the run a remainder finds the index. It cannot be wrong, whatever the
/// rounding left over:
/// </para>
/// <code>
///        A = random                        without a tree and "add" if all weights are equal
///        if A ≥ 3221225472 goto right
///   left:  A = A mod 768; return A         a run of many: the indices 0 to 767
///   right: return 1000                     a run of one
/// </code>
/// <para>
/// So size and time grow with the number of runs, not of indices. A random number, and no hash of addresses, makes the
/// program the same for IPv4, IPv6 and both; it is for TCP only, since it would tear the flows of UDP apart.
/// </para>
/// </remarks>
internal static class SteeringProgram
{
    // linux/bpf_common.h and linux/filter.h
    public const ushort LoadAbsolute = 0x20;         // BPF_LD | BPF_W | BPF_ABS
    public const ushort Add = 0x04;                  // BPF_ALU | BPF_ADD | BPF_K
    public const ushort Modulo = 0x94;               // BPF_ALU | BPF_MOD | BPF_K
    public const ushort Jump = 0x05;                 // BPF_JMP | BPF_JA
    public const ushort JumpIfGreaterOrEqual = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    public const ushort Return = 0x06;               // BPF_RET | BPF_K
    public const ushort ReturnAccumulator = 0x16;    // BPF_RET | BPF_A
    public const uint RandomNumber = unchecked((uint)(-0x1000 + 56)); // SKF_AD_OFF + SKF_AD_RANDOM

    /// <summary>How many instructions a program may have: BPF_MAXINSNS.</summary>
    /// <remarks>
    /// 2,000 indices fit, whatever their weights: each needs two instructions at most. The kernel has a second limit,
    /// net.core.optmem_max, for the program after its own conversion; beyond it, it says ENOMEM. The default of newer
    /// kernels, 131,072 bytes, is no limit to what fits the first one. The 20,480 of older ones hold 700 indices with all
    /// different weights, and any table that has few runs.
    /// </remarks>
    public const int MaxInstructions = 4096;

    private const ulong Values = 1UL << 32;

    /// <summary>Compiles; the same weights always give the same program.</summary>
    /// <param name="weights">
    /// By the index in the reuseport group: finite, 0 for an index that is never chosen, and at least one above 0. Only
    /// their proportion counts. However small a weight above 0 is, its index is chosen once in 2^32 times at least.
    /// </param>
    /// <returns>The program; it may be longer than <see cref="MaxInstructions"/>.</returns>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are 0.</exception>
    public static sock_filter[] Compile(IReadOnlyList<double> weights)
    {
        Run[] runs = [.. RunsOf(SharesOf(weights))];
        if (runs is [{ Count: 1 } only])
        {
            return [Instruction(Return, (uint)only.FirstIndex)];
        }

        List<sock_filter> program = [Instruction(LoadAbsolute, RandomNumber)];
        EmitTree(program, runs);
        return [.. program];
    }

    /// <summary>How many of the random values each index gets; together at most all, and fewer by less than the number of indices.</summary>
    private static ulong[] SharesOf(IReadOnlyList<double> weights)
    {
        SteeringWeights.Validate(weights);
        double largest = weights.Max();
        double sum = weights.Sum(weight => weight / largest); // a sum of the weights themselves might not be finite
        double toDivide = Values - (ulong)weights.Count;
        return [.. weights.Select(weight => weight > 0 ? 1 + (ulong)(weight / largest / sum * toDivide) : 0)];
    }

    private static IEnumerable<Run> RunsOf(ulong[] shares)
    {
        ulong firstValue = 0;
        for (int index = 0; index < shares.Length;)
        {
            int first = index;
            while (index < shares.Length && shares[index] == shares[first])
            {
                index++;
            }

            if (shares[first] > 0)
            {
                yield return new Run(first, index - first, (uint)firstValue);
                firstValue += shares[first] * (ulong)(index - first);
            }
        }
    }

    private static void EmitTree(List<sock_filter> program, ReadOnlySpan<Run> runs)
    {
        if (runs.Length == 1)
        {
            EmitLeaf(program, runs[0]);
            return;
        }

        int middle = runs.Length / 2;
        int branch = program.Count;
        program.Add(default);
        EmitTree(program, runs[..middle]);
        int distance = program.Count - branch - 1;
        if (distance <= byte.MaxValue)
        {
            program[branch] = Branch(runs[middle].FirstValue, ifGreaterOrEqual: distance, ifLess: 0);
        }
        else
        {
            program[branch] = Branch(runs[middle].FirstValue, ifGreaterOrEqual: 0, ifLess: 1);
            program.Insert(branch + 1, Instruction(Jump, (uint)distance)); // what moves has relative jumps within itself
        }

        EmitTree(program, runs[middle..]);
    }

    private static void EmitLeaf(List<sock_filter> program, Run run)
    {
        if (run.Count == 1)
        {
            program.Add(Instruction(Return, (uint)run.FirstIndex));
            return;
        }

        program.Add(Instruction(Modulo, (uint)run.Count));
        if (run.FirstIndex > 0)
        {
            program.Add(Instruction(Add, (uint)run.FirstIndex));
        }

        program.Add(Instruction(ReturnAccumulator, 0));
    }

    private static sock_filter Branch(uint threshold, int ifGreaterOrEqual, int ifLess) =>
        new() { code = JumpIfGreaterOrEqual, jt = (byte)ifGreaterOrEqual, jf = (byte)ifLess, k = threshold };

    private static sock_filter Instruction(ushort code, uint k) => new() { code = code, k = k };

    /// <summary>Neighbours with equal shares. It goes to the first value of the next run; the last one takes what is left over.</summary>
    private readonly record struct Run(int FirstIndex, int Count, uint FirstValue);
}
