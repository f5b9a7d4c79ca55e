using System.IO.Pipelines;
using System.Net.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Connections;

public class EndTests
{
    private static readonly SocketConnectionOptions Impatient = new() { LingerTimeout = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task The_end_of_the_peer_completes_the_input_and_output_still_goes_out()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        pair.Peer.Send("request"u8);
        pair.Peer.Shutdown(SocketShutdown.Send);

        Assert.Equal("request", await pair.Connection.Input.ReadToEndAsync());
        Assert.False(pair.Connection.Completed.IsCompleted);
        await pair.Connection.Output.WriteAsync("reply"u8.ToArray());
        await pair.Connection.Output.CompleteAsync();

        Assert.Equal("reply"u8.ToArray(), await pair.ReadPeerToEndAsync());
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
    }

    [Fact]
    public async Task Completing_the_output_ends_what_the_peer_reads_and_input_still_comes_in()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        Write(pair.Connection.Output, "request");
        await pair.Connection.Output.CompleteAsync(); // flushes

        Assert.Equal("request"u8.ToArray(), await pair.ReadPeerToEndAsync());
        pair.Peer.Send("reply"u8);
        pair.Peer.Shutdown(SocketShutdown.Send);

        Assert.Equal("reply", await pair.Connection.Input.ReadToEndAsync());
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
    }

    [Fact]
    public async Task Giving_up_both_pipes_closes_the_connection()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync(Impatient);
        await pair.Connection.Input.CompleteAsync();
        await pair.Connection.Output.CompleteAsync();

        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
    }

    [Fact]
    public async Task Aborting_resets_the_peer_and_completes_both_pipes()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        Task<string> reading = pair.Connection.Input.ReadToEndAsync();

        pair.Connection.Abort();

        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
        Assert.Contains("aborted by this side", (await Assert.ThrowsAsync<IOException>(() => reading)).Message, StringComparison.Ordinal);
        Assert.True((await pair.Connection.Output.WriteAsync(new byte[1])).IsCompleted);
        Assert.Equal(SocketError.ConnectionReset, await ErrorOfPeerAsync(pair));
    }

    [Fact]
    public async Task Completing_the_output_with_an_exception_resets_the_peer()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        await pair.Connection.Output.WriteAsync("half a message"u8.ToArray());
        await pair.Connection.Output.CompleteAsync(new InvalidDataException("the rest is missing"));

        IOException failure = await Assert.ThrowsAsync<IOException>(() => pair.Connection.Input.ReadToEndAsync());

        Assert.Contains("the rest is missing", failure.Message, StringComparison.Ordinal);
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
        Assert.Equal(SocketError.ConnectionReset, await ErrorOfPeerAsync(pair));
    }

    [Fact]
    public async Task A_reset_by_the_peer_fails_the_input_and_completes_the_output()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        Task<string> reading = pair.Connection.Input.ReadToEndAsync();
        pair.ResetByPeer();

        IOException failure = await Assert.ThrowsAsync<IOException>(() => reading);

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
        Assert.True((await pair.Connection.Output.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_reset_is_never_taken_for_the_end_however_sending_and_receiving_interleave()
    {
        for (int round = 0; round < 300; round++)
        {
            await using ConnectionPair pair = await ConnectionPair.CreateAsync();
            Task writing = WriteUntilCompletedAsync(pair.Connection.Output);
            Task<string> reading = pair.Connection.Input.ReadToEndAsync();
            await pair.Peer.ReceiveAsync(new byte[1], ConnectionPair.Deadline);
            pair.ResetByPeer();

            await Assert.ThrowsAsync<IOException>(() => reading);
            await writing.WaitAsync(ConnectionPair.Deadline);
        }
    }

    [Fact]
    public async Task Disposing_sends_what_was_written_before_the_end()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        byte[] data = new byte[60_000];
        Random.Shared.NextBytes(data);
        Write(pair.Connection.Output, data);
        await pair.Connection.DisposeAsync();

        Assert.Equal(data, await pair.ReadPeerToEndAsync());
    }

    [Fact]
    public async Task Input_that_nobody_read_does_not_cost_the_peer_the_last_output()
    {
        // Closing a socket with unread input resets it, and a reset discards what the kernel has not delivered yet.
        (Socket mine, Socket peer) = await ConnectionPair.CreateSocketsAsync();
        using Socket disposedLast = peer;
        peer.ReceiveBufferSize = 50_000;
        mine.SendBufferSize = 200_000;
        SocketConnection connection = new(mine);
        Task sending = peer.SendAsync(new byte[300_000], SocketFlags.None, ConnectionPair.Deadline).AsTask();
        byte[] reply = new byte[150_000];
        Random.Shared.NextBytes(reply);
        await connection.Output.WriteAsync(reply, ConnectionPair.Deadline);
        await connection.DisposeAsync();
        Assert.InRange(peer.Available, 1, reply.Length - 1);

        // It must not close yet; if it did, this is time enough for the reset to do its harm.
        Task pause = Task.Delay(300);
        Assert.Same(pause, await Task.WhenAny(pause, connection.Completed));
        await sending;
        Assert.Equal(reply, await peer.ReadToEndAsync());
        peer.Dispose();
        await connection.Completed.WaitAsync(ConnectionPair.Deadline);
    }

    [Fact]
    public async Task A_disposed_connection_waits_for_a_peer_that_takes_nothing_only_so_long_and_then_resets_it()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync(Impatient with { PauseThreshold = 8_000_000, ResumeThreshold = 1 });
        pair.Peer.ReceiveBufferSize = 4_096;
        Write(pair.Connection.Output, new byte[7_900_000]);

        await pair.Connection.DisposeAsync().AsTask().WaitAsync(ConnectionPair.Deadline);
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);

        Assert.Equal(SocketError.ConnectionReset, await ErrorOfPeerAsync(pair));
    }

    [Fact]
    public async Task A_slow_peer_that_takes_something_now_and_then_gets_everything()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync(
            new() { LingerTimeout = TimeSpan.FromSeconds(2), PauseThreshold = 8_000_000, ResumeThreshold = 1 });
        byte[] data = new byte[7_900_000];
        Random.Shared.NextBytes(data);
        Write(pair.Connection.Output, data);
        Task disposing = pair.Connection.DisposeAsync().AsTask();

        byte[] received = new byte[data.Length];
        for (int at = 0; at < received.Length;)
        {
            int count = await pair.Peer.ReceiveAsync(
                received.AsMemory(at, Math.Min(100_000, received.Length - at)), ConnectionPair.Deadline);
            Assert.NotEqual(0, count);
            at += count;
            await Task.Delay(20);
        }

        await disposing;
        Assert.Equal(data, received);
    }

    [Theory]
    [InlineData("dispose dispose")]
    [InlineData("abort dispose")]
    [InlineData("dispose abort")]
    [InlineData("input output dispose")]
    [InlineData("output input dispose")]
    [InlineData("output dispose input")]
    [InlineData("input dispose output")]
    [InlineData("dispose input output abort")]
    [InlineData("peer dispose")]
    [InlineData("peer input output")]
    [InlineData("output peer input")]
    [InlineData("reset dispose")]
    [InlineData("reset output input dispose")]
    [InlineData("dispose reset")]
    [InlineData("abort abort input output")]
    public async Task Every_order_of_ends_closes_the_socket_and_throws_nothing(string order)
    {
        for (int round = 0; round < 5; round++)
        {
            await using ConnectionPair pair = await ConnectionPair.CreateAsync(Impatient);
            foreach (string step in order.Split(' '))
            {
                await EndAsync(pair, step);
            }

            await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
        }
    }

    [Fact]
    public async Task The_addresses_are_those_of_the_socket_and_stay_after_the_end()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        Assert.Equal(pair.Peer.LocalEndPoint, pair.Connection.RemoteEndPoint);
        Assert.Equal(pair.Peer.RemoteEndPoint, pair.Connection.LocalEndPoint);
        pair.Connection.Abort();
        await pair.Connection.Completed.WaitAsync(ConnectionPair.Deadline);
        Assert.NotNull(pair.Connection.RemoteEndPoint);
    }

    private static async Task EndAsync(ConnectionPair pair, string step)
    {
        switch (step)
        {
            case "dispose":
                await pair.Connection.DisposeAsync().AsTask().WaitAsync(ConnectionPair.Deadline);
                break;
            case "abort":
                pair.Connection.Abort();
                break;
            case "input":
                await pair.Connection.Input.CompleteAsync();
                break;
            case "output":
                await pair.Connection.Output.CompleteAsync();
                break;
            case "peer":
                pair.Peer.Dispose();
                break;
            default:
                pair.ResetByPeer();
                break;
        }
    }

    private static void Write(PipeWriter output, ReadOnlySpan<byte> data)
    {
        data.CopyTo(output.GetSpan(data.Length));
        output.Advance(data.Length);
    }

    private static void Write(PipeWriter output, string text) => Write(output, System.Text.Encoding.UTF8.GetBytes(text));

    private static async Task WriteUntilCompletedAsync(PipeWriter output)
    {
        byte[] chunk = new byte[1_000];
        while (!(await output.WriteAsync(chunk, ConnectionPair.Deadline)).IsCompleted)
        {
        }
    }

    private static async Task<SocketError> ErrorOfPeerAsync(ConnectionPair pair) =>
        (await Assert.ThrowsAsync<SocketException>(pair.ReadPeerToEndAsync)).SocketErrorCode;
}
