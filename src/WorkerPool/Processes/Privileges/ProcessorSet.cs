using System.Globalization;
using WorkerPool.Interop;

namespace WorkerPool.Processes.Privileges;

/// <summary>The processors that a thread may run on, sched_setaffinity(2).</summary>
internal static unsafe class ProcessorSet
{
    /// <summary>The numbers go from 0 to this, less one; as many as Linux can be built for.</summary>
    public const int MaxCount = 8192;

    private const string Option = $"{nameof(PoolOptions.Processes)}.{nameof(WorkerProcessOptions.Processors)}";

    /// <summary>Those of this process (its first thread), in ascending order.</summary>
    public static int[] OfThisProcess() => Get(Environment.ProcessId);

    /// <summary>Binds the calling thread, and so what it starts.</summary>
    /// <exception cref="SystemCallException">None of them exists for this process.</exception>
    /// <exception cref="ArgumentException">Some do not; the kernel would leave them out and say nothing.</exception>
    public static void Set(IReadOnlyList<int> processors)
    {
        byte* mask = stackalloc byte[MaxCount / 8];
        new Span<byte>(mask, MaxCount / 8).Clear();
        foreach (int processor in processors)
        {
            mask[processor / 8] |= (byte)(1 << (processor % 8));
        }

        string wanted = string.Join(", ", processors);
        SystemCall.Check(
            Libc.sched_setaffinity(0, MaxCount / 8, mask),
            $"sched_setaffinity({wanted})",
            $"{Option} is {wanted}: none of them is one that the master may use (its cpuset, see Cpus_allowed_list in /proc/self/status).");
        if (processors.Except(Get(0)).ToArray() is { Length: > 0 } missing)
        {
            throw OptionFault.Create(
                Option, $"{Option} has {string.Join(", ", missing)}: the machine has no such processor, or the cpuset of the master does not.");
        }
    }

    private static int[] Get(int thread)
    {
        byte* mask = stackalloc byte[MaxCount / 8];
        new Span<byte>(mask, MaxCount / 8).Clear();
        SystemCall.Check(Libc.sched_getaffinity(thread, MaxCount / 8, mask), string.Create(CultureInfo.InvariantCulture, $"sched_getaffinity({thread})"));
        List<int> processors = [];
        for (int processor = 0; processor < MaxCount; processor++)
        {
            if ((mask[processor / 8] & (1 << (processor % 8))) != 0)
            {
                processors.Add(processor);
            }
        }

        return [.. processors];
    }
}
