using WorkerPool.Sockets;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Tests.Sockets;

/// <summary>Runs the few instructions of classic BPF that a steering program has; anything else is an error.</summary>
internal static class ClassicBpf
{
    public static uint Run(IReadOnlyList<sock_filter> program, uint random)
    {
        uint accumulator = 0;
        for (int i = 0; ; i++)
        {
            sock_filter instruction = program[i]; // running off the end throws
            switch (instruction.code)
            {
                case SteeringProgram.LoadAbsolute when instruction.k == 0xFFFFF038: // SKF_AD_OFF + SKF_AD_RANDOM
                    accumulator = random;
                    break;
                case SteeringProgram.Modulo when instruction.k != 0:
                    accumulator %= instruction.k;
                    break;
                case SteeringProgram.JumpIfEqual:
                    i += accumulator == instruction.k ? instruction.jt : instruction.jf;
                    break;
                case SteeringProgram.Return:
                    return instruction.k;
                case SteeringProgram.ReturnAccumulator:
                    return accumulator;
                default:
                    throw new InvalidOperationException($"Instruction {i} is not allowed: code {instruction.code:x}, k {instruction.k:x}.");
            }
        }
    }
}
