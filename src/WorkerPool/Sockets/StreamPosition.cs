using System.Net.Sockets;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>How far a TCP connection has got, as the kernel counts it, whichever processes had it.</summary>
/// <param name="Taken">The bytes that were read from it.</param>
/// <param name="Given">The bytes that were written to it.</param>
/// <param name="Unread">The bytes that have come and wait to be read.</param>
/// <param name="IsEstablished">Whether neither side has ended.</param>
internal readonly record struct StreamPosition(ulong Taken, ulong Given, int Unread, bool IsEstablished)
{
    private const byte Established = 1; // TCP_ESTABLISHED
    private const byte Listening = 10; // TCP_LISTEN
    private const int Attempts = 8;

    /// <summary>That of a connection which was just accepted: the handshake does not count.</summary>
    public static StreamPosition Beginning { get; } = new(0, 0, 0, IsEstablished: true);

    /// <summary>Whether it is a TCP socket that does not listen.</summary>
    public static bool IsConnection(Descriptor descriptor)
    {
        Libc.tcp_info_counters info = default;
        return TryRead(descriptor.Number, ref info) && info.tcpi_state != Listening;
    }

    /// <summary>Null: it is closed, no TCP connection, or too much happens on it for its numbers to belong together.</summary>
    public static StreamPosition? Of(Socket socket)
    {
        bool isHeld = false;
        try
        {
            socket.SafeHandle.DangerousAddRef(ref isHeld); // the number stays this socket's
            return Of((int)socket.SafeHandle.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            if (isHeld)
            {
                socket.SafeHandle.DangerousRelease();
            }
        }
    }

    /// <inheritdoc cref="Of(Socket)"/>
    public static StreamPosition? Of(Descriptor connection) => Of(connection.Number);

    private static StreamPosition? Of(int number)
    {
        Libc.tcp_info_counters before = default;
        bool isRead = TryRead(number, ref before);
        for (int attempt = 0; isRead && attempt < Attempts; attempt++)
        {
            int unread = Count(number, Libc.FIONREAD);
            int unacknowledged = Count(number, Libc.TIOCOUTQ);
            Libc.tcp_info_counters after = default;
            isRead = TryRead(number, ref after) && unread >= 0 && unacknowledged >= 0;
            if (isRead && after.tcpi_bytes_acked == before.tcpi_bytes_acked && after.tcpi_bytes_received == before.tcpi_bytes_received
                && after.tcpi_state == before.tcpi_state)
            {
                return new StreamPosition(
                    after.tcpi_bytes_received - (ulong)unread,
                    after.tcpi_bytes_acked + (ulong)unacknowledged,
                    unread,
                    after.tcpi_state == Established);
            }

            before = after;
        }

        return null;
    }

    private static unsafe bool TryRead(int number, ref Libc.tcp_info_counters info)
    {
        socklen_t length = (uint)sizeof(Libc.tcp_info_counters);
        fixed (Libc.tcp_info_counters* address = &info)
        {
            return getsockopt(number, IPPROTO_TCP, TCP_INFO, address, &length) == 0 && (uint)length == sizeof(Libc.tcp_info_counters);
        }
    }

    private static unsafe int Count(int number, uint request)
    {
        int bytes;
        return Libc.ioctl(number, request, &bytes) < 0 ? -1 : bytes;
    }
}
