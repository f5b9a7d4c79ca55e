using static WorkerPool.Interop.Libc;

namespace WorkerPool.Sockets;

/// <summary>
/// Compiles "choose evenly among these indices" to classic BPF, whose result is the index of the socket that gets the
/// new connection. See Documentation/networking/filter.rst of the kernel.
/// </summary>
internal static class SteeringProgram
{
    // linux/bpf_common.h and linux/filter.h
    public const ushort LoadAbsolute = 0x20;   // BPF_LD | BPF_W | BPF_ABS
    public const ushort Modulo = 0x94;         // BPF_ALU | BPF_MOD | BPF_K
    public const ushort JumpIfEqual = 0x15;    // BPF_JMP | BPF_JEQ | BPF_K
    public const ushort Return = 0x06;         // BPF_RET | BPF_K
    public const ushort ReturnAccumulator = 0x16; // BPF_RET | BPF_A
    public const uint RandomNumber = unchecked((uint)(-0x1000 + 56)); // SKF_AD_OFF + SKF_AD_RANDOM

    private const int MaxInstructions = 4096; // BPF_MAXINSNS

    /// <summary>Compiles; the same set always gives the same program.</summary>
    /// <param name="indices">Distinct indices in the reuseport group, at least one.</param>
    /// <remarks>
    /// <code>
    ///   A = random                 one index: only "return it"
    ///   A = A mod count
    ///   return A                   if the set is 0..count-1; else, for each but the last:
    ///   if A == i  return index[i]
    ///   return index[last]
    /// </code>
    /// </remarks>
    public static sock_filter[] Compile(IEnumerable<int> indices)
    {
        int[] sorted = [.. indices.Order()];
        Validate(sorted, nameof(indices));
        if (sorted.Length == 1)
        {
            return [Instruction(Return, (uint)sorted[0])];
        }

        List<sock_filter> program = [Instruction(LoadAbsolute, RandomNumber), Instruction(Modulo, (uint)sorted.Length)];
        if (sorted[^1] == sorted.Length - 1)
        {
            program.Add(Instruction(ReturnAccumulator, 0));
            return [.. program];
        }

        for (int i = 0; i < sorted.Length - 1; i++)
        {
            program.Add(new sock_filter { code = JumpIfEqual, jt = 0, jf = 1, k = (uint)i });
            program.Add(Instruction(Return, (uint)sorted[i]));
        }

        program.Add(Instruction(Return, (uint)sorted[^1]));
        return [.. program];
    }

    private static void Validate(int[] sorted, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, parameter);
        ArgumentOutOfRangeException.ThrowIfNegative(sorted[0], parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sorted.Length, MaxInstructions / 2 - 1, parameter);
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
            {
                throw new ArgumentException($"The index {sorted[i]} occurs twice.", parameter);
            }
        }
    }

    private static sock_filter Instruction(ushort code, uint k) => new() { code = code, k = k };
}
