using System.Net.Sockets;
using WorkerPool.FunctionalTests.Connections;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>What the hand-over of a connection rests on: kernel and runtime must do as <see cref="DetachedConnection"/> believes.</summary>
public sealed class DetachedConnectionTests
{
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Who_waits_for_bytes_gets_all_of_them_however_often_the_connection_is_detached_and_put_back()
    {
        (Socket one, Socket other) = await ConnectionPair.CreateSocketsAsync();
        using (one)
        using (other)
        {
            const int Rounds = 3000;
            Task<int> reading = ReadAsync(one, Rounds);
            Task writing = WriteAsync(other, Rounds);
            while (!writing.IsCompleted)
            {
                using DetachedConnection detached = DetachedConnection.Detach(one);
                detached.PutBack();
                await Task.Yield();
            }

            await writing;
            Assert.Equal(Rounds, await reading);
        }
    }

    [Fact]
    public async Task What_is_done_to_the_socket_does_not_reach_the_connection()
    {
        (Socket one, Socket other) = await ConnectionPair.CreateSocketsAsync();
        using (other)
        {
            Task<int> waiting = one.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, Deadline).AsTask();
            Descriptor connection = Take(one);
            one.Shutdown(SocketShutdown.Both);
            one.Dispose();
            await Task.WhenAny(waiting);

            using Socket next = NewSocket(connection);
            await next.SendAsync("still here"u8.ToArray(), Deadline);
            byte[] buffer = new byte[100];
            Assert.Equal(10, await other.ReceiveAsync(buffer, Deadline));
            await other.SendAsync("too"u8.ToArray(), Deadline);
            Assert.Equal(3, await next.ReceiveAsync(buffer, Deadline));
        }
    }

    [Fact]
    public async Task The_kernel_counts_what_was_taken_and_given_whoever_did_it()
    {
        (Socket other, Socket one) = await ConnectionPair.CreateSocketsAsync();
        using (one)
        using (other)
        {
            Assert.Equal(StreamPosition.Beginning, StreamPosition.Of(one)); // of the side that connects the SYN counts, too
            await other.SendAsync(new byte[1000], Deadline);
            await UntilAsync(() => StreamPosition.Of(one) == new StreamPosition(0, 0, 1000, true));
            await one.ReceiveAsync(new byte[300], Deadline);
            Assert.Equal(new StreamPosition(300, 0, 700, true), StreamPosition.Of(one));
            await one.SendAsync(new byte[20], Deadline);
            Assert.Equal(new StreamPosition(300, 20, 700, true), StreamPosition.Of(one)); // acknowledged or not
            other.Shutdown(SocketShutdown.Send);
            await UntilAsync(() => StreamPosition.Of(one) is { IsEstablished: false });
        }
    }

    [Fact]
    public void What_is_no_TCP_connection_has_no_position()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        Assert.Null(StreamPosition.Of(listener));
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.Null(StreamPosition.Of(unix));
        listener.Dispose();
        Assert.Null(StreamPosition.Of(listener));
    }

    /// <summary>Takes the connection away for good.</summary>
    private static Descriptor Take(Socket socket)
    {
        using DetachedConnection detached = DetachedConnection.Detach(socket);
        return new Descriptor(Tmds.Linux.LibC.dup(detached.Connection.Number));
    }

    private static Socket NewSocket(Descriptor connection)
    {
        Socket socket = new(new SafeSocketHandle(connection.Number, ownsHandle: true));
        connection.SetHandleAsInvalid();
        return socket;
    }

    /// <summary>As Kestrel's transport does: waits without a buffer, then reads.</summary>
    private static async Task<int> ReadAsync(Socket socket, int count)
    {
        int total = 0;
        byte[] buffer = new byte[4096];
        while (total < count)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, Deadline);
            int received = await socket.ReceiveAsync(buffer, SocketFlags.None, Deadline);
            Assert.NotEqual(0, received);
            total += received;
        }

        return total;
    }

    private static async Task WriteAsync(Socket socket, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await socket.SendAsync(new byte[1], Deadline);
            await Task.Yield();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        CancellationToken deadline = Deadline;
        while (!condition())
        {
            await Task.Delay(1, deadline);
        }
    }
}
