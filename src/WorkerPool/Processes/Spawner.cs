using System.Runtime.CompilerServices;
using WorkerPool.Processes.Privileges;
using static Tmds.Linux.LibC;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Processes;

/// <summary>Starts children by posix_spawn(3): fork is not for managed code, and costs more the larger the heap.</summary>
/// <remarks>
/// A child has exactly these descriptors: 0 is /dev/null, 1 the one of this process, 2 that or the one of the request,
/// then those of the request from <see cref="FirstDescriptor"/> on. It leads its own process group, so that Ctrl+C in a
/// terminal reaches the master alone. No signal is ignored or blocked in it. Safe for any number of threads.
/// <para>
/// What it has otherwise than this process it inherits from a thread made for it (<see cref="PreparedThread"/>), or is given
/// while it waits between its clone and its exec (<see cref="SpawnGate"/>).
/// </para>
/// </remarks>
internal static unsafe class Spawner
{
    /// <summary>The number of the first descriptor after the standard streams, as for systemd, sd_listen_fds(3).</summary>
    public const int FirstDescriptor = 3;

    /// <summary>Starts a child.</summary>
    /// <exception cref="IOException">It could not be started; nothing of it is left.</exception>
    public static ChildProcess Spawn(SpawnRequest request)
    {
        Release release = request.Release;
        using SpawnDescriptors descriptors = new(request.Descriptors, request.StandardError);
        using NativeStrings paths = new([release.Executable]);
        using NativeStrings arguments = new([release.Name, .. release.Arguments]);
        using NativeStrings environment = new(ChildEnvironment.Compose(
            request.Defaults, Environment.GetEnvironmentVariables(), request.Settings.Environment, release.Environment, request.Environment));
        using SpawnGate? gate = request.Settings.NeedGate ? new SpawnGate() : null;

        posix_spawn_file_actions_t actions;
        Check(posix_spawn_file_actions_init(&actions));
        try
        {
            gate?.AddTo(&actions);
            AddActions(&actions, descriptors, release.WorkingDirectory);
            lock (OwnChildren.Gate)
            {
                int error = Spawn(paths.First, &actions, arguments.Pointers, environment.Pointers, request.Settings, gate, out int pid);
                return error == 0 ? ChildProcess.Started(pid) : throw SpawnFailure.Describe(release, error, request.Settings.User);
            }
        }
        finally
        {
            Check(posix_spawn_file_actions_destroy(&actions));
        }
    }

    /// <summary>Makes a child with these settings that ends without running anything: its program is a directory.</summary>
    /// <exception cref="IOException">It could not be given what the settings say; the message names the option.</exception>
    public static void Rehearse(ChildSettings settings)
    {
        using NativeStrings paths = new(["/", "/dev/null"]);
        using SpawnGate gate = new();
        posix_spawn_file_actions_t actions;
        Check(posix_spawn_file_actions_init(&actions));
        try
        {
            gate.AddTo(&actions);
            Check(posix_spawn_file_actions_addopen(&actions, 0, paths.Pointers[1], O_RDONLY, 0));
            int error;
            lock (OwnChildren.Gate)
            {
                error = Spawn(paths.First, &actions, paths.Pointers, paths.Pointers + 2, settings, gate, out int pid);
                if (error == 0)
                {
                    ChildProcess.KillAndCollect(pid);
                }
            }

            if (error != 0 && error != EACCES)
            {
                throw new SystemCallException("posix_spawn", error, $"The settings of {nameof(PoolOptions.Processes)} were tried on a child that runs nothing.");
            }
        }
        finally
        {
            Check(posix_spawn_file_actions_destroy(&actions));
        }
    }

    /// <summary>Gives an error number back, as posix_spawn(3) does; throws for what it does not do.</summary>
    private static int Spawn(
        byte* path, posix_spawn_file_actions_t* actions, byte** arguments, byte** environment, ChildSettings settings, SpawnGate? gate, out int pid)
    {
        posix_spawnattr_t attributes;
        Check(posix_spawnattr_init(&attributes));
        try
        {
            SetAttributes(&attributes);
            if (!settings.NeedThread && gate is null)
            {
                int child;
                int error = posix_spawn(&child, path, actions, &attributes, arguments, environment);
                pid = child;
                return error;
            }

            SpawnCall call = new(path, actions, &attributes, arguments, environment);
            PreparedThread thread = PreparedThread.Start(settings, call.Make);
            Exception? failure = gate is null ? null : Confine(thread, gate, settings);
            thread.Join();
            pid = call.Child;
            if (failure is not null && call.Error == 0 && pid > 0)
            {
                ChildProcess.KillAndCollect(pid);
            }

            return failure is null ? call.Error : throw failure;
        }
        finally
        {
            Check(posix_spawnattr_destroy(&attributes));
        }
    }

    /// <summary>Gives the child what belongs to a process, while it waits; kills it if that fails.</summary>
    private static IOException? Confine(PreparedThread thread, SpawnGate gate, ChildSettings settings)
    {
        int? child = null;
        try
        {
            child = gate.FindChild(thread);
            if (child is int process)
            {
                ProcessConfinement.Apply(process, settings);
                gate.Open();
            }

            return null;
        }
        catch (IOException e)
        {
            // It cannot be collected, and its number given to another process, before the thread has ended.
            _ = child is int process ? kill(process, SIGKILL) : 0;
            gate.Dispose();
            return e;
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

    /// <summary>For the calls that return the error number instead of setting errno.</summary>
    public static void Check(int errorNumber, [CallerArgumentExpression(nameof(errorNumber))] string call = "")
    {
        if (errorNumber != 0)
        {
            throw new SystemCallException(call, errorNumber);
        }
    }
}
