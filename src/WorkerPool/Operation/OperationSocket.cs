using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using WorkerPool.Processes.Privileges;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Operation;

/// <summary>The control socket: its file, which only those may open who may give commands, and the connections to it.</summary>
internal sealed class OperationSocket : IDisposable
{
    private const string Name = "control";
    private const string GroupOption = $"{nameof(PoolOptions)}.{nameof(PoolOptions.ControlGroup)}";

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly UnixSocketFile _file;
    private readonly WorkerListener _listener;
    private readonly uint? _group;
    private readonly uint _user = (uint)geteuid();
    private int _disposed;

    private OperationSocket(UnixSocketFile file, WorkerListener listener, uint? group)
    {
        _file = file;
        _listener = listener;
        _group = group;
    }

    /// <summary>Listens, in place of a stale socket that may be there.</summary>
    /// <returns>Null: the pool has no control socket.</returns>
    /// <exception cref="ArgumentException">There is no such group.</exception>
    /// <exception cref="SystemCallException">Another master listens there, it is not allowed, or groups cannot be looked up.</exception>
    public static OperationSocket? Open(PoolOptions options)
    {
        if (options.ControlPath is not string path)
        {
            return null;
        }

        uint? group = options.ControlGroup is string name ? UserDatabase.FindGroup(name, GroupOption) : null;
        UnixDomainSocketEndPoint address = new(path);
        using ListeningSocket socket = ListeningSocket.Create(address, Name, OperationProtocol.MaxClients);
        UnixFileMode mode = group is null ? Owner : Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        UnixSocketFile file = UnixSocketFile.Bind(socket, address, mode, group);
        try
        {
            return new OperationSocket(file, Listen(socket, options), group);
        }
        catch
        {
            file.Remove();
            throw;
        }
    }

    /// <summary>The next client; null: there will be none.</summary>
    public ValueTask<Socket?> AcceptAsync() => _listener.AcceptAsync();

    /// <summary>Why a peer may not give commands; null: it may. The mode of the file says the same; this holds also if somebody changes that.</summary>
    public Verdict? RefusalOf(Peer peer) => peer.MayCommand(_user, _group)
        ? null
        : Verdicts.Refused(
            VerdictReason.NotPermitted,
            $"User {peer.User} may not give commands. Allowed are root, user {_user}{(_group is uint group ? $" and the members of group {group}" : "")}.");

    /// <summary>Once, whoever asks: by the second time the file may be another master's, with the same inode.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _listener.Close();
            _file.Remove();
        }
    }

    private static WorkerListener Listen(ListeningSocket socket, PoolOptions options)
    {
        int number = SystemCall.Check(fcntl(socket.Number, F_DUPFD_CLOEXEC, 0), "fcntl(F_DUPFD_CLOEXEC)");
        ILogger logger = options.LoggerFactory.CreateLogger("WorkerPool.Operation");
        WorkerListener listener = new(Name, new InheritedListener(number), new ConnectionTracker(), logger, options.TimeProvider);
        listener.Open();
        return listener;
    }
}
