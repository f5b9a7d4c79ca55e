using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets.Activation;

/// <summary>
/// A descriptor that the service manager passed. It stays open for the life of the process, whatever becomes of the pools
/// that use it: it comes once.
/// </summary>
/// <param name="number">The descriptor.</param>
/// <param name="name">Its name.</param>
internal sealed class PassedSocket(int number, string name) : Descriptor(number)
{
    public string Name => name;

    /// <summary>Which file it is: another descriptor can be the same one.</summary>
    public unsafe ulong Inode
    {
        get
        {
            stat status;
            SystemCall.Check(fstat(Number, &status), $"fstat({Number})");
            return status.st_ino;
        }
    }

    /// <summary>A descriptor of its own of a socket.</summary>
    /// <exception cref="SystemCallException">No descriptor is free.</exception>
    public static PassedSocket CopyOf(Descriptor socket, string name) =>
        new(SystemCall.Check(fcntl(socket.Number, F_DUPFD_CLOEXEC, 0), $"fcntl({socket.Number}, F_DUPFD_CLOEXEC)"), name);
}
