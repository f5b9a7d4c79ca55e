using Tmds.Linux;
using WorkerPool.FunctionalTests.Processes;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

// A child that another test starts holds copies of the ends for a moment, so that they are not closed when they seem to be.
[Collection(SerialTests.Name)]
public sealed unsafe class DescriptorChannelTests : IDisposable
{
    private readonly DescriptorChannel _master;
    private readonly DescriptorChannel _worker;

    public DescriptorChannelTests()
    {
        (_master, Descriptor worker) = DescriptorChannel.CreatePair();
        _worker = new DescriptorChannel(worker);
    }

    public void Dispose()
    {
        _master.Dispose();
        _worker.Dispose();
    }

    [Fact]
    public void What_is_sent_arrives_in_order_with_its_endpoint()
    {
        List<ulong> inodes = [];
        for (int i = 0; i < 100; i++)
        {
            using Descriptor descriptor = NewDescriptor();
            inodes.Add(InodeOf(descriptor));
            Assert.Equal(SendResult.Sent, _master.TrySend(i, descriptor));
            if (i % 3 == 2)
            {
                continue; // some wait in the channel
            }

            AssertNext(inodes);
        }

        while (inodes.Count > 0)
        {
            AssertNext(inodes);
        }

        Assert.Equal(ReceiveResult.Empty, _worker.TryReceive(out _, out Descriptor? nothing));
        Assert.Null(nothing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void The_index_of_the_endpoint_is_kept(int index)
    {
        using Descriptor descriptor = NewDescriptor();
        Assert.Equal(SendResult.Sent, _master.TrySend(index, descriptor));

        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int received, out Descriptor? copy));
        using (copy)
        {
            Assert.Equal(index, received);
        }
    }

    [Fact]
    public void Exactly_one_descriptor_travels()
    {
        using Descriptor descriptor = NewDescriptor();
        using DescriptorChannel receiver = _worker;
        _master.TrySend(0, descriptor);
        byte* payload = stackalloc byte[8];
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int) * 8)];
        iovec vector = new() { iov_base = payload, iov_len = 8 };
        msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = (uint)CMSG_SPACE(sizeof(int) * 8) };

        Assert.Equal(4, (int)recvmsg(receiver.Descriptor.Number, &message, MSG_CMSG_CLOEXEC));

        new Descriptor(*(int*)CMSG_DATA(CMSG_FIRSTHDR(&message))).Dispose();
        Assert.Equal(Libc.CMSG_LEN(sizeof(int)), (int)CMSG_FIRSTHDR(&message)->cmsg_len);
    }

    [Fact]
    public void A_received_descriptor_does_not_survive_an_exec()
    {
        using Descriptor descriptor = NewDescriptor();
        _master.TrySend(0, descriptor);

        _worker.TryReceive(out _, out Descriptor? copy);
        using (copy)
        {
            Assert.NotEqual(0, fcntl(copy!.Number, F_GETFD) & FD_CLOEXEC);
        }
    }

    [Fact]
    public void A_full_channel_says_so_and_takes_more_when_it_was_read()
    {
        using Descriptor descriptor = NewDescriptor();
        int sent = 0;
        while (_master.TrySend(sent, descriptor) == SendResult.Sent)
        {
            Assert.True(++sent < 100_000);
        }

        Assert.NotEqual(0, sent);
        Assert.Equal(SendResult.Full, _master.TrySend(sent, descriptor));
        for (int i = 0; i < sent; i++)
        {
            Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
            copy!.Dispose();
            Assert.Equal(i, index);
        }

        Assert.Equal(SendResult.Sent, _master.TrySend(sent, descriptor));
    }

    [Fact]
    public void A_channel_whose_other_end_is_closed_is_gone_for_the_sender()
    {
        using Descriptor descriptor = NewDescriptor();
        Assert.Equal(SendResult.Sent, _master.TrySend(0, descriptor)); // and is never read
        _worker.Dispose();

        Assert.Equal(SendResult.Gone, _master.TrySend(1, descriptor));
        Assert.Equal(SendResult.Gone, _master.TrySend(2, descriptor));
    }

    [Fact]
    public void A_channel_whose_other_end_is_closed_is_gone_for_the_receiver_after_the_last_message()
    {
        using Descriptor descriptor = NewDescriptor();
        Assert.Equal(SendResult.Sent, _master.TrySend(7, descriptor));
        _master.Dispose();

        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
        using (copy)
        {
            Assert.Equal(7, index);
        }

        Assert.Equal(ReceiveResult.Gone, _worker.TryReceive(out _, out _));
        Assert.Equal(ReceiveResult.Gone, _worker.TryReceive(out _, out _));
    }

    [Fact]
    public void What_was_only_looked_at_stays_in_the_channel()
    {
        using Descriptor descriptor = NewDescriptor();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(SendResult.Sent, _master.TrySend(i, descriptor));
        }

        Assert.Equal(3, _worker.CountWaiting());
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(ReceiveResult.Received, _worker.TryPeek(out int index, out Descriptor? copy));
            using (copy)
            {
                Assert.Equal((0, InodeOf(descriptor)), (index, InodeOf(copy!)));
            }
        }

        Assert.Equal(3, _worker.CountWaiting());
        _worker.Discard();
        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int next, out Descriptor? taken));
        using (taken)
        {
            Assert.Equal((1, 1), (next, _worker.CountWaiting()));
        }
    }

    [Fact]
    public void After_the_receiver_has_stopped_the_sender_nothing_can_be_sent_and_nothing_is_lost()
    {
        using Descriptor descriptor = NewDescriptor();
        Assert.Equal(SendResult.Sent, _master.TrySend(7, descriptor));

        _worker.StopSending();

        Assert.Equal(SendResult.Gone, _master.TrySend(8, descriptor));
        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
        using (copy)
        {
            Assert.Equal(7, index);
        }

        Assert.Equal(ReceiveResult.Gone, _worker.TryReceive(out _, out _));
        _worker.StopSending();
        _master.Dispose();
        _worker.StopSending();
    }

    [Fact]
    public void What_the_receiver_sent_itself_does_not_hide_what_waits_when_the_sender_closes()
    {
        using Descriptor descriptor = NewDescriptor();
        Assert.Equal(SendResult.Sent, _master.TrySend(7, descriptor));
        Assert.Equal(SendResult.Sent, _worker.TrySend(0, descriptor)); // against the protocol; resets the channel
        _master.Dispose();

        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
        copy!.Dispose();
        Assert.Equal((7, ReceiveResult.Gone), (index, _worker.TryReceive(out _, out _)));
    }

    [Theory]
    [InlineData(3, 0, "length")]
    [InlineData(3, 1, "length")]
    [InlineData(5, 1, "length")]
    [InlineData(500, 1, "length")]
    [InlineData(4, 0, "without a descriptor")]
    [InlineData(4, 2, "more than one")]
    [InlineData(4, 5, "more than one")]
    public void Garbage_is_an_error_that_leaves_neither_a_descriptor_nor_itself_behind(int length, int descriptors, string violation)
    {
        using Descriptor passed = NewDescriptor();
        ulong inode = InodeOf(passed);
        SendRaw(length, passed.Number, descriptors);
        Assert.Equal(SendResult.Sent, _master.TrySend(9, passed));

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => _worker.TryReceive(out _, out _));

        Assert.Contains(violation, exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, CountOf(inode)); // only our own
        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
        copy!.Dispose();
        Assert.Equal(9, index);
    }

    private void AssertNext(List<ulong> inodes)
    {
        Assert.Equal(ReceiveResult.Received, _worker.TryReceive(out int index, out Descriptor? copy));
        using (copy)
        {
            Assert.Equal(inodes[0], InodeOf(copy!));
            Assert.Equal(_received++, index);
            inodes.RemoveAt(0);
        }
    }

    private int _received;

    private void SendRaw(int length, int descriptor, int descriptors)
    {
        byte* payload = stackalloc byte[length];
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int) * 8)];
        iovec vector = new() { iov_base = payload, iov_len = length };
        msghdr message = new() { msg_iov = &vector, msg_iovlen = 1 };
        if (descriptors > 0)
        {
            message.msg_control = control;
            message.msg_controllen = (uint)CMSG_SPACE(sizeof(int) * descriptors);
            cmsghdr* rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = (uint)Libc.CMSG_LEN(sizeof(int) * descriptors);
            new Span<int>(CMSG_DATA(rights), descriptors).Fill(descriptor);
        }

        Assert.Equal(length, (int)sendmsg(_master.Descriptor.Number, &message, 0));
    }

    private static Descriptor NewDescriptor() =>
        new(SystemCall.Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));

    private static ulong InodeOf(Descriptor descriptor)
    {
        stat status;
        SystemCall.Check(fstat(descriptor.Number, &status), "fstat");
        return status.st_ino;
    }

    private static int CountOf(ulong inode) =>
        Directory.GetFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget == $"socket:[{inode}]");
}
