using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Processes.Privileges;

/// <summary>
/// Stops a child after its clone and before everything else that it does, so that limits which belong to a process can be
/// set while it runs nothing yet.
/// </summary>
/// <remarks>
/// <code>
/// 1 a file without a name (memfd), and a lease on it, fcntl(2): whoever opens it waits until the lease is given back
/// 2 the first file action of the child is to open it: the child waits in the kernel
/// 3 the master finds out who it is, and sets what is to be set
/// 4 it gives the lease back: the child goes on, to its exec
/// </code>
/// If the master dies meanwhile, its lease goes with it, and the child goes on, and finds its master gone. A master that is
/// held up for longer than the kernel lets anybody wait (fs.lease-break-time, 45 s) learns it in step 4.
/// </remarks>
internal sealed unsafe class SpawnGate : IDisposable
{
    // Before this many looks a guess is tried, which finds the child in nearly all cases.
    private const int Guesses = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Descriptor _leased;
    private readonly Descriptor _path;
    private readonly NativeStrings _name;
    private readonly int _lastBefore = LastProcess();

    /// <exception cref="SystemCallException">The kernel has no such thing, or descriptors are short.</exception>
    public SpawnGate()
    {
        using NativeStrings name = new(["workerpool-gate"]);
        using Descriptor file = new(SystemCall.Check(memfd_create(name.First, MFD_CLOEXEC), "memfd_create"));
        using NativeStrings path = new([PathOf(file)]);

        // Opened again, because the kernel gives no lease on a memfd as it comes from the call.
        _leased = new Descriptor(SystemCall.Check(open(path.First, O_RDWR | O_CLOEXEC), $"open({PathOf(file)})"));
        try
        {
            using Descriptor low = new(SystemCall.Check(open(path.First, O_PATH | O_CLOEXEC), $"open({PathOf(file)}, O_PATH)"));
            file.Dispose();

            // Not one of the standard streams, which the child sets up first.
            _path = new Descriptor(SystemCall.Check(fcntl(low.Number, F_DUPFD_CLOEXEC, Spawner.FirstDescriptor), "fcntl(F_DUPFD_CLOEXEC)"));
            _name = new NativeStrings([PathOf(_path)]);
            SystemCall.Check(
                fcntl(_leased.Number, F_SETLEASE, F_WRLCK),
                "fcntl(F_SETLEASE)",
                $"{Options} need leases on files: a kernel with them, and fs.leases-enable = 1.");

            // The owner would get a signal (SIGIO) when somebody waits.
            SystemCall.Check(fcntl(_leased.Number, F_SETOWN, 0), "fcntl(F_SETOWN)");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private static string Options =>
        $"{nameof(PoolOptions.Processes)}.{nameof(WorkerProcessOptions.Limits)} and {nameof(WorkerProcessOptions.CgroupParent)}";

    /// <summary>Adds what makes the child wait. Must be the first action, and one for descriptor 0 must follow.</summary>
    public void AddTo(posix_spawn_file_actions_t* actions)
    {
        // Its copy of the lease would keep the lease if this process died.
        Spawner.Check(posix_spawn_file_actions_addclose(actions, _leased.Number));
        Spawner.Check(posix_spawn_file_actions_addopen(actions, 0, _name.First, O_RDONLY, 0));
    }

    /// <summary>Waits until the thread has a child.</summary>
    /// <returns>The child; null if the thread ended without.</returns>
    /// <exception cref="SystemCallException">It is not to be seen in /proc.</exception>
    public int? FindChild(PreparedThread thread)
    {
        long start = TimeProvider.System.GetTimestamp();
        SpinWait spin = default;
        for (int look = 0; !thread.HasEnded; look++)
        {
            foreach (int process in look < Guesses ? NewProcesses() : AllProcesses())
            {
                if (NameOf(process) == thread.Name && !IsThreadOfThisProcess(process))
                {
                    return process;
                }
            }

            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new SystemCallException(
                    "open(/proc/PID/comm)", ENOENT, $"The master does not see its own child there. {Options} need a /proc that shows it (no hidepid=).");
            }

            spin.SpinOnce();
        }

        return null;
    }

    /// <summary>Lets the child go on.</summary>
    /// <exception cref="SystemCallException">It has gone on already.</exception>
    public void Open() => SystemCall.Check(
        fcntl(_leased.Number, F_SETLEASE, F_UNLCK),
        "fcntl(F_SETLEASE, F_UNLCK)",
        "The master was held up for so long (fs.lease-break-time) that the worker began without its limits.");

    public void Dispose()
    {
        _leased.Dispose();
        _path?.Dispose();
        _name?.Dispose();
    }

    /// <summary>Those whose numbers were given since this was made; none if the numbers began anew in between.</summary>
    private IEnumerable<int> NewProcesses()
    {
        for (int process = LastProcess(); process > _lastBefore; process--)
        {
            yield return process;
        }
    }

    private static IEnumerable<int> AllProcesses() =>
        from directory in Directory.EnumerateDirectories("/proc")
        let name = Path.GetFileName(directory)
        where name.All(char.IsAsciiDigit)
        select int.Parse(name, CultureInfo.InvariantCulture);

    // The last word of /proc/loadavg: the number that was given last, also to threads. 0 if it is not to be known.
    private static int LastProcess() =>
        int.TryParse(File.ReadAllText("/proc/loadavg").TrimEnd().Split(' ')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last) ? last : 0;

    private static string? NameOf(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm")).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // there is none of that number any more
        }
    }

    /// <summary>The thread has the same name. What is meant for the child must not happen to this process.</summary>
    private static bool IsThreadOfThisProcess(int number) => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{number}"));

    private static string PathOf(Descriptor descriptor) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor.Number}");
}
