using System.Buffers.Binary;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Passes accepted connections from the master to a live worker, each with the index of its endpoint: one message of
/// a SOCK_SEQPACKET pair (unix(7)) with four bytes, little-endian, and one descriptor. Never blocks. One sender and
/// one receiver at a time.
/// </summary>
internal sealed unsafe class DescriptorChannel : IDisposable
{
    private const int PayloadLength = sizeof(int);

    /// <summary>The end of a channel that this process has, or inherited.</summary>
    public DescriptorChannel(Descriptor descriptor) => Descriptor = descriptor;

    /// <summary>Readable when something has come or the other end is closed. Owned by this.</summary>
    public Descriptor Descriptor { get; }

    public static (DescriptorChannel Master, Descriptor Worker) CreatePair()
    {
        int* pair = stackalloc int[2];
        SystemCall.Check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), "socketpair");
        return (new DescriptorChannel(new Descriptor(pair[0])), new Descriptor(pair[1]));
    }

    /// <summary>Sends a copy of a descriptor; the caller's own stays open and is the caller's to close.</summary>
    /// <exception cref="SystemCallException">The descriptor or the channel is not usable.</exception>
    public SendResult TrySend(int endpointIndex, Descriptor descriptor)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        BinaryPrimitives.WriteInt32LittleEndian(payload, endpointIndex);
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int))];
        fixed (byte* bytes = payload)
        {
            iovec vector = new() { iov_base = bytes, iov_len = PayloadLength };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = (uint)CMSG_SPACE(sizeof(int)) };
            cmsghdr* rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = (uint)Libc.CMSG_LEN(sizeof(int));
            *(int*)CMSG_DATA(rights) = descriptor.Number;
            return Send(&message);
        }
    }

    /// <summary>Takes the next connection: <see cref="TryPeek"/>, then <see cref="Discard"/>.</summary>
    /// <inheritdoc cref="TryPeek" path="/exception"/>
    public ReceiveResult TryReceive(out int endpointIndex, out Descriptor? descriptor)
    {
        ReceiveResult result = TryPeek(out endpointIndex, out descriptor);
        if (result == ReceiveResult.Received)
        {
            Discard();
        }

        return result;
    }

    /// <summary>A copy of the next connection, the caller's; the channel keeps its own until <see cref="Discard"/>.</summary>
    /// <remarks>A plain recvmsg would throw it away when the process has no room for it, and with it a client's connection.</remarks>
    /// <exception cref="InvalidDataException">The message was not one of a master's; what came with it is closed.</exception>
    /// <exception cref="SystemCallException">The channel is not usable.</exception>
    public ReceiveResult TryPeek(out int endpointIndex, out Descriptor? descriptor)
    {
        ReceiveResult result = Receive(MSG_PEEK, out endpointIndex, out descriptor, out string? violation);
        if (violation is not null)
        {
            Discard();
            descriptor?.Dispose();
            descriptor = null;
            throw new InvalidDataException($"The descriptor channel broke its protocol: {violation}.");
        }

        return result;
    }

    /// <summary>Removes what <see cref="TryPeek"/> showed. Without room for descriptors the kernel drops its copy.</summary>
    public void Discard()
    {
        msghdr message = default;
        Receive(&message, 0);
    }

    /// <summary>The other end can send no more from now on (<see cref="SendResult.Gone"/>); what it has sent stays here.</summary>
    public void StopSending()
    {
        if (shutdown(Descriptor.Number, SHUT_RD) < 0 && Errno.Last != ENOTCONN) // the other end is closed already
        {
            throw new SystemCallException("shutdown(SHUT_RD)", Errno.Last);
        }
    }

    /// <summary>How many connections have been sent and not received.</summary>
    public int CountWaiting()
    {
        int bytes;
        SystemCall.Check(Libc.ioctl(Descriptor.Number, Libc.FIONREAD, &bytes), "ioctl(FIONREAD)");
        return bytes / PayloadLength;
    }

    public void Dispose() => Descriptor.Dispose();

    private SendResult Send(msghdr* message)
    {
        while (sendmsg(Descriptor.Number, message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        {
            int error = Errno.Last;
            if (error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == ETOOMANYREFS) // the last: too many on their way
            {
                return SendResult.Full;
            }

            if (error == EPIPE || error == ECONNRESET)
            {
                return SendResult.Gone;
            }

            if (error != EINTR)
            {
                throw new SystemCallException("sendmsg(SCM_RIGHTS)", error);
            }
        }

        return SendResult.Sent;
    }

    private ReceiveResult Receive(int flags, out int endpointIndex, out Descriptor? descriptor, out string? violation)
    {
        (endpointIndex, descriptor, violation) = (0, null, null);
        byte* payload = stackalloc byte[PayloadLength + 1]; // one more, to notice a longer message
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int))];
        iovec vector = new() { iov_base = payload, iov_len = PayloadLength + 1 };

        // Room for exactly one descriptor: CMSG_SPACE would have room for a second in its padding.
        msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = (uint)Libc.CMSG_LEN(sizeof(int)) };
        int length = Receive(&message, flags | MSG_CMSG_CLOEXEC);
        if (length < 0)
        {
            return ReceiveResult.Empty;
        }

        descriptor = TakeDescriptor(&message);
        bool truncated = (message.msg_flags & MSG_CTRUNC) != 0;
        if (length == 0 && descriptor is null && !truncated)
        {
            return ReceiveResult.Gone;
        }

        if (length == PayloadLength && descriptor is null && truncated)
        {
            return ReceiveResult.NoRoom;
        }

        violation = length != PayloadLength ? $"a message of another length than {PayloadLength} bytes"
            : descriptor is null ? "a message without a descriptor"
            : truncated ? "a message with more than one descriptor"
            : null;
        endpointIndex = BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(payload, PayloadLength));
        return ReceiveResult.Received;
    }

    // Negative: nothing there.
    private int Receive(msghdr* message, int flags)
    {
        ssize_t result;
        do
        {
            result = recvmsg(Descriptor.Number, message, flags | MSG_DONTWAIT);
        }
        while (result < 0 && (Errno.Last == EINTR || Errno.Last == ECONNRESET)); // the other end was closed with something unread in it: told once
        return result >= 0 || Errno.Last == EAGAIN ? (int)result
            : throw new SystemCallException("recvmsg(SCM_RIGHTS)", Errno.Last);
    }

    private static Descriptor? TakeDescriptor(msghdr* message)
    {
        cmsghdr* header = CMSG_FIRSTHDR(message);
        return header != null && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
            ? new Descriptor(*(int*)CMSG_DATA(header))
            : null;
    }
}
