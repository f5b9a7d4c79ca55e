using System.Globalization;
using System.Runtime.ExceptionServices;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes.Privileges;

/// <summary>
/// A thread that has what a child shall inherit, does one thing, and ends. To the kernel credentials, nice value, affinity,
/// no_new_privs and (after unshare) the umask belong to the thread, so the rest of the process keeps its own.
/// </summary>
/// <remarks>
/// It goes around glibc, which would change all threads, nptl(7). What it does comes in the order in which each step may
/// still be done: the user last. A child that it starts does not mind that it ends; only PR_SET_PDEATHSIG would.
/// </remarks>
internal sealed unsafe class PreparedThread
{
    private readonly ChildSettings _settings;
    private readonly Action _act;
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    private PreparedThread(ChildSettings settings, Action act)
    {
        _settings = settings;
        _act = act;
        _thread = new Thread(Run) { IsBackground = true };
    }

    /// <summary>What the kernel calls the thread, and a child of it until its exec; nothing else is called so. At most 15 bytes.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"wp-{Random.Shared.Next(0x1000000):x6}{Random.Shared.Next(0x1000000):x6}");

    public bool HasEnded => !_thread.IsAlive;

    /// <summary>Prepares a thread, and acts on it.</summary>
    /// <exception cref="SystemCallException">There is no room for a thread.</exception>
    public static PreparedThread Start(ChildSettings settings, Action act)
    {
        PreparedThread thread = new(settings, act);
        try
        {
            thread._thread.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            throw new SystemCallException("pthread_create", EAGAIN, "The limit of threads is reached: see TasksMax= of systemd, ulimit -u, pids.max of the cgroup.");
        }

        return thread;
    }

    /// <summary>Waits for the end of the thread, and throws what was thrown on it.</summary>
    /// <exception cref="SystemCallException">Something is not permitted; the message names the option.</exception>
    public void Join()
    {
        _thread.Join();
        _failure?.Throw();
    }

    private void Run()
    {
        try
        {
            NameThread();
            SetMask();
            SetProcessors();
            SetNice();
            SetNoNewPrivileges();
            if (_settings.User is ChildUser user)
            {
                ActAs(user);
            }
            else
            {
                _act();
            }
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }

    private void NameThread()
    {
        using NativeStrings name = new([Name]);
        SystemCall.Check(Libc.prctl(Libc.PR_SET_NAME, (nint)name.First, 0, 0, 0), "prctl(PR_SET_NAME)");
    }

    private void SetMask()
    {
        if (_settings.Umask is uint mask)
        {
            // Else it would be shared with all threads.
            SystemCall.Check(Libc.unshare(Libc.CLONE_FS), "unshare(CLONE_FS)", Advice(nameof(WorkerProcessOptions.Umask)));
            _ = Libc.umask(mask);
        }
    }

    private void SetProcessors()
    {
        if (_settings.Processors is IReadOnlyList<int> wanted)
        {
            ProcessorSet.Set(wanted);
        }
    }

    private void SetNice()
    {
        if (_settings.Nice is int nice)
        {
            SystemCall.Check(
                Libc.setpriority(Libc.PRIO_PROCESS, 0, nice),
                Text($"setpriority({nice})"),
                Text($"{Option(nameof(WorkerProcessOptions.Nice))} is {nice}: lower than its own a master can set it with CAP_SYS_NICE, or an RLIMIT_NICE of at least {20 - nice} (LimitNICE= of systemd)."));
        }
    }

    private void SetNoNewPrivileges()
    {
        if (_settings.NoNewPrivileges)
        {
            SystemCall.Check(Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)", Advice(nameof(WorkerProcessOptions.NoNewPrivileges)));
        }
    }

    private void ActAs(ChildUser user)
    {
        Dumpability.Remember();
        try
        {
            Become(user);
            _act();
        }
        finally
        {
            Dumpability.Restore();
        }
    }

    private static void Become(ChildUser user)
    {
        string needed = $"{user.Wanted}: the master needs CAP_SETUID and CAP_SETGID for this, and the numbers must exist in its user namespace. Run it as root, or let its workers run as itself.";
        uint[] groups = [.. user.Groups];
        fixed (uint* first = groups)
        {
            SystemCall.Check(Libc.ThreadSetGroups(groups.Length, first), Text($"setgroups({string.Join(", ", groups)})"), needed);
        }

        SystemCall.Check(Libc.ThreadSetGroup(user.Group), Text($"setresgid({user.Group})"), needed);
        SystemCall.Check(Libc.ThreadSetUser(user.Id), Text($"setresuid({user.Id})"), needed);
    }

    private static string Option(string name) => $"{nameof(PoolOptions.Processes)}.{name}";

    private static string Advice(string name) => $"{Option(name)} cannot be set here; leave it out.";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
