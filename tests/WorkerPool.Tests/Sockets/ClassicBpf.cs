using static WorkerPool.Interop.Libc;

namespace WorkerPool.Tests.Sockets;

/// <summary>
/// Checks and runs the few instructions of classic BPF that a steering program may have. The constants stand here by
/// themselves, from linux/bpf_common.h and linux/filter.h, so that a mistake in the product's cannot hide.
/// </summary>
internal static class ClassicBpf
{
    private const ushort LoadWord = 0x20;
    private const ushort AddConstant = 0x04;
    private const ushort ModuloConstant = 0x94;
    private const ushort JumpAlways = 0x05;
    private const ushort JumpGreaterOrEqual = 0x35;
    private const ushort ReturnConstant = 0x06;
    private const ushort ReturnA = 0x16;
    private const uint Random = 0xFFFFF038; // SKF_AD_OFF + SKF_AD_RANDOM

    /// <summary>What a run gave: the index, and the modulus that the way led through (1: none).</summary>
    public readonly record struct Result(uint Index, uint Modulus, int Steps);

    /// <summary>The rules of the kernel's own check, and that every instruction is reached.</summary>
    public static void Verify(sock_filter[] program)
    {
        Require(program.Length is > 0 and <= 4096, $"{program.Length} instructions");
        bool[] reached = new bool[program.Length];
        reached[0] = true;
        for (int i = 0; i < program.Length; i++)
        {
            Require(reached[i], $"instruction {i} is never reached");
            foreach (int target in TargetsOf(program[i], i))
            {
                Require(target < program.Length, $"instruction {i} leads to {target}, out of the program");
                reached[target] = true;
            }
        }
    }

    public static Result Run(sock_filter[] program, uint random)
    {
        uint accumulator = 0;
        uint modulus = 1;
        int steps = 1;
        for (int i = 0; ; i++, steps++)
        {
            sock_filter instruction = program[i]; // running off the end throws
            switch (instruction.code)
            {
                case LoadWord when instruction.k == Random:
                    accumulator = random;
                    break;
                case AddConstant:
                    accumulator = checked(accumulator + instruction.k);
                    break;
                case ModuloConstant when instruction.k != 0:
                    accumulator %= instruction.k;
                    modulus = instruction.k;
                    break;
                case JumpAlways:
                    i += checked((int)instruction.k);
                    break;
                case JumpGreaterOrEqual:
                    i += accumulator >= instruction.k ? instruction.jt : instruction.jf;
                    break;
                case ReturnConstant:
                    return new Result(instruction.k, modulus, steps);
                case ReturnA:
                    return new Result(accumulator, modulus, steps);
                default:
                    throw new InvalidOperationException($"Instruction {i} is not allowed: code {instruction.code:x}, k {instruction.k:x}.");
            }
        }
    }

    /// <summary>How many of all 2^32 random numbers lead to each index.</summary>
    /// <remarks>Between two thresholds the way is the same, and the result depends on the remainder only.</remarks>
    public static Dictionary<uint, long> CountAll(sock_filter[] program)
    {
        Dictionary<uint, long> counts = [];
        long[] thresholds = [0, .. program.Where(i => i.code == JumpGreaterOrEqual).Select(i => (long)i.k).Order(), 1L << 32];
        foreach ((long from, long to) in thresholds.Zip(thresholds.Skip(1)).Where(part => part.First < part.Second))
        {
            uint modulus = Run(program, (uint)from).Modulus;
            for (long value = from; value < Math.Min(from + modulus, to); value++)
            {
                uint index = Run(program, (uint)value).Index;
                counts[index] = counts.GetValueOrDefault(index) + (to - value + modulus - 1) / modulus;
            }
        }

        return counts;
    }

    private static IEnumerable<int> TargetsOf(sock_filter instruction, int at) => instruction.code switch
    {
        LoadWord when instruction.k == Random => [at + 1],
        AddConstant => [at + 1],
        ModuloConstant when instruction.k != 0 => [at + 1],
        JumpAlways => [checked(at + 1 + (int)instruction.k)],
        JumpGreaterOrEqual => [at + 1 + instruction.jt, at + 1 + instruction.jf],
        ReturnConstant or ReturnA => [],
        _ => throw new InvalidOperationException($"Instruction {at} is not allowed: code {instruction.code:x}, k {instruction.k:x}."),
    };

    /// <summary>One line for each instruction.</summary>
    public static string[] List(sock_filter[] program) => [.. program.Select((instruction, at) => instruction.code switch
    {
        LoadWord => "A = random",
        AddConstant => $"A += {instruction.k}",
        ModuloConstant => $"A %= {instruction.k}",
        JumpAlways => $"goto {at + 1 + instruction.k}",
        JumpGreaterOrEqual => $"if A >= {instruction.k} goto {at + 1 + instruction.jt} else {at + 1 + instruction.jf}",
        ReturnConstant => $"return {instruction.k}",
        ReturnA => "return A",
        _ => $"? {instruction.code:x}",
    })];

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The program is not valid: {otherwise}.");
        }
    }
}
