using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>Options of a socket, see socket(7). They belong to the open file description: every holder shares them.</summary>
internal static unsafe class SocketOption
{
    public static void Enable(Descriptor socket, int level, int option, string name) => Set(socket, level, option, 1, name);

    public static void Set(Descriptor socket, int level, int option, int value, string name) =>
        SystemCall.Check(setsockopt(socket.Number, level, option, &value, sizeof(int)), $"setsockopt({name}, {value})");

    public static int Get(Descriptor socket, int level, int option, string name)
    {
        int value;
        socklen_t length = sizeof(int);
        SystemCall.Check(getsockopt(socket.Number, level, option, &value, &length), $"getsockopt({name})");
        return value;
    }
}
