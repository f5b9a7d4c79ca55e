using WorkerPool.Interop;

namespace WorkerPool.Processes.Privileges;

/// <summary>
/// Keeps it as it is whether this process may be dumped and debugged, prctl(2). A thread that changes its user takes that
/// from the memory which all threads share, although the process itself changes nothing.
/// </summary>
/// <remarks>
/// Several threads may do so at a time: the first one remembers, the last one restores. Only 0 and 1 can be restored. If it
/// was 2, fs.suid_dumpable says so, and it is 2 again anyway.
/// </remarks>
internal static class Dumpability
{
    private static readonly Lock Gate = new();
    private static int s_changing;
    private static int s_before;

    /// <summary>To be called before a change, and <see cref="Restore"/> in any case afterwards.</summary>
    public static void Remember()
    {
        lock (Gate)
        {
            if (s_changing == 0)
            {
                s_before = SystemCall.Check(Libc.prctl(Libc.PR_GET_DUMPABLE, 0, 0, 0, 0), "prctl(PR_GET_DUMPABLE)");
            }

            s_changing++;
        }
    }

    public static void Restore()
    {
        lock (Gate)
        {
            if (--s_changing == 0 && s_before is (0 or 1))
            {
                SystemCall.Check(Libc.prctl(Libc.PR_SET_DUMPABLE, s_before, 0, 0, 0), "prctl(PR_SET_DUMPABLE)");
            }
        }
    }
}
