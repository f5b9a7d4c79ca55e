using static WorkerPool.Interop.Libc;

namespace WorkerPool.Processes.Privileges;

/// <summary>
/// One call of posix_spawn(3), to be made on another thread. It allocates nothing and needs no file, because that thread may
/// have lost the right to read the files of this program.
/// </summary>
internal sealed unsafe class SpawnCall(
    byte* path, posix_spawn_file_actions_t* actions, posix_spawnattr_t* attributes, byte** arguments, byte** environment)
{
    public int Child { get; private set; }

    /// <summary>The error number; 0: the child was started.</summary>
    public int Error { get; private set; }

    public void Make()
    {
        int child;
        Error = posix_spawn(&child, path, actions, attributes, arguments, environment);
        Child = Error == 0 ? child : 0;
    }
}
