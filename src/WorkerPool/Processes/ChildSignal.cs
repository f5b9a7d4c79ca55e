using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>The disposition of SIGCHLD, which decides whether the exit status of a child can be collected.</summary>
internal static unsafe class ChildSignal
{
    /// <summary>
    /// Makes SIGCHLD default if it is ignored, which a process inherits from the one that started it: the kernel would
    /// throw the exit status of every child away, see wait(2), and so would the .NET runtime. A handler is left alone.
    /// To be called once, at the start of the master, before anything uses <see cref="System.Diagnostics.Process"/>.
    /// </summary>
    /// <returns>Whether it was ignored.</returns>
    public static bool RestoreDefault()
    {
        if (!IsIgnored())
        {
            return false;
        }

        sigaction byDefault = default;
        byDefault.sa_handler = SIG_DFL;
        SystemCall.Check(sigaction(SIGCHLD, &byDefault, null), "sigaction(SIGCHLD, SIG_DFL)");
        return true;
    }

    public static bool IsIgnored()
    {
        sigaction present = default;
        SystemCall.Check(sigaction(SIGCHLD, null, &present), "sigaction(SIGCHLD)");
        return present.sa_handler == SIG_IGN;
    }
}
