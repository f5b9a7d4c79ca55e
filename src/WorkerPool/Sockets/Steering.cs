using System.Diagnostics.CodeAnalysis;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>Attaches a steering program to a reuseport group. Where the kernel refuses, a pool works without.</summary>
internal static unsafe class Steering
{
    /// <summary>Set to <c>off</c> in the master's environment, it forbids all steering: for an operator, without a new release.</summary>
    public const string Switch = "WORKERPOOL_STEERING";

    // One for the process, because the kernel is one: 400 a second are more than any pool needs.
    private static readonly AttachPace Pace = new(burst: 200, TimeSpan.FromMilliseconds(2.5));
    private static readonly Lock Gate = new();

    // A call takes 20 to 80 microseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Lazy<bool> KernelAnswers = new(TryKernel);

    /// <summary>Whether <see cref="Switch"/> forbids it.</summary>
    public static bool IsOff { get; } = Environment.GetEnvironmentVariable(Switch) == "off";

    private static readonly Dictionary<int, string> Advices = new()
    {
        [EINVAL] = "The socket is in no SO_REUSEPORT group.",
        [EPERM] = "A sandbox (seccomp, a security module) forbids it, or somebody set SO_LOCK_FILTER.",
        [ENOPROTOOPT] = "The kernel lacks it (Linux 4.5 to attach, 5.3 to detach), or a sandbox does.",
        [ENOMEM] = "The program is larger than net.core.optmem_max allows: use fewer different weights, or raise it with sysctl.",
    };

    /// <summary>Sets the program of the whole group, at once for all its members.</summary>
    /// <param name="anyMember">Any socket of the group; a socket that never had company has no group (EINVAL).</param>
    /// <param name="program">From <see cref="SteeringProgram.Compile"/>.</param>
    /// <param name="refusal">Why the kernel refused.</param>
    public static bool TryAttach(ListeningSocket anyMember, Libc.sock_filter[] program, [NotNullWhen(false)] out string? refusal)
    {
        if (program.Length > SteeringProgram.MaxInstructions)
        {
            refusal = $"The table has too many different weights for a program of {SteeringProgram.MaxInstructions} instructions, which is the kernel's limit.";
            return false;
        }

        if (IsOff)
        {
            refusal = $"{Switch}=off is in the environment.";
            return false;
        }

        if (!KernelAnswers.Value)
        {
            refusal = "The kernel does not answer SO_ATTACH_REUSEPORT_CBPF: it has probably deadlocked over other programs, and the machine needs a restart. This process may be unable to end.";
            return false;
        }

        KeepPace();
        int error = Attach(anyMember.Number, program);
        refusal = error == 0 ? null : Describe("SO_ATTACH_REUSEPORT_CBPF", error);
        return error == 0;
    }

    /// <summary>Removes the program of the group, so that the kernel's hash chooses among all members; none is fine too.</summary>
    public static bool TryDetach(ListeningSocket anyMember, [NotNullWhen(false)] out string? refusal)
    {
        if (IsOff)
        {
            refusal = null; // nothing was attached
            return true;
        }

        KeepPace();
        int unused = 0;
        int result = setsockopt(anyMember.Number, SOL_SOCKET, Libc.SO_DETACH_REUSEPORT_BPF, &unused, sizeof(int));
        bool detached = result == 0 || Errno.Last == ENOENT;
        refusal = detached ? null : Describe("SO_DETACH_REUSEPORT_BPF", Errno.Last);
        return detached;
    }

    private static int Attach(int socket, Libc.sock_filter[] program)
    {
        fixed (Libc.sock_filter* instructions = program)
        {
            Libc.sock_fprog argument = new() { len = (ushort)program.Length, filter = instructions };
            return setsockopt(socket, SOL_SOCKET, Libc.SO_ATTACH_REUSEPORT_CBPF, &argument, sizeof(Libc.sock_fprog)) == 0 ? 0 : Errno.Last;
        }
    }

    /// <summary>
    /// A kernel that has deadlocked (see <see cref="AttachPace"/>) keeps the thread that attaches, and the lock of the socket
    /// with it, for ever. So a thread and a socket that nobody needs try it first.
    /// </summary>
    private static bool TryKernel()
    {
        Thread attempt = new(static () =>
        {
            int trial = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            int on = 1;
            if (trial >= 0 && setsockopt(trial, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(int)) == 0)
            {
                _ = Attach(trial, SteeringProgram.Compile([1])); // what it says is heard at the next attempt, with a real socket
            }

            _ = close(trial);
        })
        {
            IsBackground = true,
            Name = "WorkerPool steering",
        };
        attempt.Start();
        return attempt.Join(Patience);
    }

    private static void KeepPace()
    {
        TimeSpan wait;
        lock (Gate)
        {
            wait = Pace.Take(TimeSpan.FromMilliseconds(Environment.TickCount64));
        }

        if (wait > TimeSpan.Zero)
        {
#pragma warning disable RS0030 // A pace of a few milliseconds, with no event to wait for.
            Thread.Sleep(wait);
#pragma warning restore RS0030
        }
    }

    private static string Describe(string option, int errorNumber) =>
        new SystemCallException($"setsockopt({option})", errorNumber, Advices.GetValueOrDefault(errorNumber)).Message;
}
