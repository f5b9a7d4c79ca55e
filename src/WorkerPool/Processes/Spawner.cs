using System.Runtime.CompilerServices;
using static Tmds.Linux.LibC;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Processes;

/// <summary>Starts children by posix_spawn(3): fork is not for managed code, and costs more the larger the heap.</summary>
/// <remarks>
/// A child has exactly these descriptors: 0 is /dev/null, 1 the one of this process, 2 that or the one of the request,
/// then those of the request from <see cref="FirstDescriptor"/> on. It leads its own process group, so that Ctrl+C in a
/// terminal reaches the master alone. No signal is ignored or blocked in it. Safe for any number of threads.
/// </remarks>
internal static unsafe class Spawner
{
    /// <summary>The number of the first descriptor after the standard streams, as for systemd, sd_listen_fds(3).</summary>
    public const int FirstDescriptor = 3;

    /// <summary>Starts a child.</summary>
    /// <exception cref="SystemCallException">It could not be started; nothing of it is left.</exception>
    public static ChildProcess Spawn(SpawnRequest request)
    {
        using SpawnDescriptors descriptors = new(request.Descriptors, request.StandardError);
        using NativeStrings paths = new([request.Release.Executable]);
        using NativeStrings arguments = new([request.Release.Name, .. request.Release.Arguments]);
        using NativeStrings environment = new(ChildEnvironment.Compose(
            request.Defaults, Environment.GetEnvironmentVariables(), request.Release.Environment, request.Environment));

        posix_spawn_file_actions_t actions;
        Check(posix_spawn_file_actions_init(&actions));
        try
        {
            AddActions(&actions, descriptors, request.Release.WorkingDirectory);
            int pid = Spawn(request.Release, paths.First, &actions, arguments.Pointers, environment.Pointers);
            return ChildProcess.Started(pid);
        }
        finally
        {
            Check(posix_spawn_file_actions_destroy(&actions));
        }
    }

    private static int Spawn(Release release, byte* path, posix_spawn_file_actions_t* actions, byte** arguments, byte** environment)
    {
        posix_spawnattr_t attributes;
        Check(posix_spawnattr_init(&attributes));
        try
        {
            SetAttributes(&attributes);
            int pid;
            int errorNumber = posix_spawn(&pid, path, actions, &attributes, arguments, environment);
            return errorNumber == 0 ? pid : throw SpawnFailure.Describe(release, errorNumber);
        }
        finally
        {
            Check(posix_spawnattr_destroy(&attributes));
        }
    }

    private static void AddActions(posix_spawn_file_actions_t* actions, SpawnDescriptors descriptors, string workingDirectory)
    {
        using NativeStrings paths = new(["/dev/null"]);
        Check(posix_spawn_file_actions_addopen(actions, 0, paths.First, O_RDONLY, 0));
        AddOutput(actions, 1, inherited: true, paths.First);
        AddOutput(actions, 2, inherited: descriptors.StandardError is null, paths.First);
        if (descriptors.StandardError is int standardError)
        {
            Check(posix_spawn_file_actions_adddup2(actions, standardError, 2));
        }

        for (int i = 0; i < descriptors.Sources.Count; i++)
        {
            Check(posix_spawn_file_actions_adddup2(actions, descriptors.Sources[i], FirstDescriptor + i));
        }

        Check(posix_spawn_file_actions_addclosefrom_np(actions, descriptors.End));
        using NativeStrings directory = new([workingDirectory]);
        Check(posix_spawn_file_actions_addchdir_np(actions, directory.First));
    }

    // If this process was started without the stream, its number is free, or a file of the runtime has it and is closed
    // by the exec. Either way the first file that the child opens would become the stream.
    private static void AddOutput(posix_spawn_file_actions_t* actions, int number, bool inherited, byte* devNull)
    {
        if (inherited && fcntl(number, F_GETFD) != 0)
        {
            Check(posix_spawn_file_actions_addopen(actions, number, devNull, O_WRONLY, 0));
        }
    }

    private static void SetAttributes(posix_spawnattr_t* attributes)
    {
        sigset_t none;
        Check(sigemptyset(&none));

        // Not sigfillset: it leaves out the two signals that glibc keeps for itself, which the child would then have
        // ignored.
        sigset_t all;
        Unsafe.InitBlockUnaligned(&all, 0xFF, (uint)sizeof(sigset_t));

        Check(posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
        Check(posix_spawnattr_setpgroup(attributes, 0));
        Check(posix_spawnattr_setsigmask(attributes, &none));
        Check(posix_spawnattr_setsigdefault(attributes, &all));
    }

    // These calls return the error number instead of setting errno.
    private static void Check(int errorNumber, [CallerArgumentExpression(nameof(errorNumber))] string call = "")
    {
        if (errorNumber != 0)
        {
            throw new SystemCallException(call, errorNumber);
        }
    }
}
