using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets.Activation;

/// <summary>What the service manager passed to this process, sd_listen_fds(3). Thread-safe.</summary>
/// <remarks>
/// Taken by the first pool that wants something of it: then the variables are removed and the descriptors marked, so that
/// no child of this process takes them for its own. Before, they belong to whoever else may want them.
/// </remarks>
internal sealed class PassedSockets
{
    /// <summary>The number of the first, as the manual has it.</summary>
    private const int First = 3;

    private static readonly Lazy<PassedSockets> Passed = new(static () =>
        new PassedSockets(ListenVariables.Read(Environment.GetEnvironmentVariable, Environment.ProcessId)));

    private readonly Lock _gate = new();
    private readonly HashSet<string> _lent = [];
    private List<PassedSocket>? _sockets;
    private bool _isStoreLent;

    private PassedSockets(ListenVariables variables) => Variables = variables;

    /// <summary>Sockets that came otherwise than by the environment; taken over.</summary>
    public PassedSockets(params PassedSocket[] sockets)
    {
        Variables = new ListenVariables([.. sockets.Select(socket => socket.Name)], sockets.Length > 0 ? null : "Nothing was passed.");
        _sockets = [.. sockets];
    }

    public static PassedSockets ToThisProcess => Passed.Value;

    public static PassedSockets None { get; } = new();

    public ListenVariables Variables { get; }

    /// <summary>The sockets of a name, until <see cref="Return"/>; none: nothing has this name.</summary>
    /// <exception cref="IOException">Another pool of this process has them, or a descriptor is not open.</exception>
    public IReadOnlyList<PassedSocket> Borrow(string name)
    {
        lock (_gate)
        {
            _sockets ??= TakeAll();
            PassedSocket[] named = [.. _sockets.Where(socket => socket.Name == name)];
            return named.Length == 0 || _lent.Add(name)
                ? named
                : throw new IOException($"The sockets \"{name}\" of the service manager are in use by another pool of this process.");
        }
    }

    /// <summary>They stay open, and another pool of this process may have them.</summary>
    public void Return(string name)
    {
        lock (_gate)
        {
            _lent.Remove(name);
        }
    }

    /// <summary>Whether something is there that a pool has had the service manager keep.</summary>
    public bool HasStored
    {
        get
        {
            lock (_gate)
            {
                return !_isStoreLent && (_sockets?.Select(socket => socket.Name) ?? Variables.Names).Any(IsStored);
            }
        }
    }

    /// <summary>The inodes of all sockets that the service manager has opened itself; after <see cref="BorrowStore"/>.</summary>
    public IReadOnlySet<ulong> ManagersOwn
    {
        get
        {
            lock (_gate)
            {
                return _sockets!.Where(socket => !IsStored(socket.Name)).Select(socket => socket.Inode).ToHashSet();
            }
        }
    }

    /// <summary>All of that, from now on the caller's, until <see cref="ReturnStore"/>.</summary>
    /// <exception cref="IOException">Another pool of this process has its sockets kept.</exception>
    public IReadOnlyList<PassedSocket> BorrowStore()
    {
        lock (_gate)
        {
            if (_isStoreLent)
            {
                throw new IOException("Another pool of this process has its sockets kept by the service manager; only one can (Systemd.KeepSockets).");
            }

            _sockets ??= TakeAll();
            PassedSocket[] stored = [.. _sockets.Where(socket => IsStored(socket.Name))];
            _sockets.RemoveAll(stored.Contains);
            _isStoreLent = true;
            return stored;
        }
    }

    /// <summary>The pool ends. What the manager keeps of it is still there, and another pool of this process can have it.</summary>
    public void ReturnStore(IEnumerable<PassedSocket> kept)
    {
        lock (_gate)
        {
            _sockets!.AddRange(kept);
            _isStoreLent = false;
        }
    }

    private static bool IsStored(string name) => StoredName.TryRead(name, out _, out _);

    private List<PassedSocket> TakeAll()
    {
        for (int number = First; number < First + Variables.Names.Count; number++)
        {
            SystemCall.Check(
                fcntl(number, F_SETFD, FD_CLOEXEC),
                $"fcntl({number}, F_SETFD)",
                $"{ListenVariables.Count} promises it. Something before this program has closed it.");
        }

        foreach (string variable in (string[])[ListenVariables.Process, ListenVariables.ProcessIdentity, ListenVariables.Count, ListenVariables.FileNames])
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        return [.. Variables.Names.Select((name, index) => new PassedSocket(First + index, name))];
    }
}
