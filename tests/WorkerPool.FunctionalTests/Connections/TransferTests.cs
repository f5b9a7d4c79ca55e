using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using Xunit;

namespace WorkerPool.FunctionalTests.Connections;

public class TransferTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public async Task Sixty_four_megabytes_come_back_unchanged()
    {
        (Socket one, Socket other) = await ConnectionPair.CreateSocketsAsync();
        await using SocketConnection client = new(one), server = new(other);
        byte[] data = new byte[64 * Megabyte];
        Random random = new(1);
        random.NextBytes(data);

        Task echoing = EchoAsync(server, new Random(2));
        Task writing = WriteAsync(client, data, random);
        byte[] hash = await HashAsync(client.Input);

        await Task.WhenAll(writing, echoing).WaitAsync(ConnectionPair.Deadline);
        Assert.Equal(SHA256.HashData(data), hash);
        await Task.WhenAll(client.Completed, server.Completed).WaitAsync(ConnectionPair.Deadline);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_makes_the_writer_wait()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync(new() { PauseThreshold = 10_000, ResumeThreshold = 5_000 });
        byte[] chunk = new byte[5_000];
        long written = 0;
        Task<FlushResult> flushing;
        do
        {
            flushing = pair.Connection.Output.WriteAsync(chunk, ConnectionPair.Deadline).AsTask();
            written += chunk.Length;
            Assert.InRange(written, 0, 64 * Megabyte);
        }
        while (await Task.WhenAny(flushing, Task.Delay(TimeSpan.FromSeconds(1))) == flushing);

        // The kernel's buffers are full, and the pipe holds its threshold; reading sets all in motion again.
        Task<byte[]> reading = pair.ReadPeerToEndAsync();
        await flushing;
        await pair.Connection.Output.CompleteAsync();
        Assert.Equal(written, (await reading).Length);
    }

    [Fact]
    public async Task A_user_that_does_not_read_makes_the_peer_wait()
    {
        await using ConnectionPair pair = await ConnectionPair.CreateAsync();
        byte[] chunk = new byte[32_768];
        long sent = 0;
        using CancellationTokenSource full = new();
        try
        {
            while (true)
            {
                full.CancelAfter(TimeSpan.FromSeconds(1));
                sent += await pair.Peer.SendAsync(chunk, full.Token);
                Assert.InRange(sent, 0, 64 * Megabyte);
            }
        }
        catch (OperationCanceledException)
        {
            // No room left anywhere.
        }

        pair.Peer.Shutdown(SocketShutdown.Send);
        ReadResult held = await pair.Connection.Input.ReadAsync(ConnectionPair.Deadline);
        Assert.InRange(held.Buffer.Length, 1, 65_536 + 16_384);
        pair.Connection.Input.AdvanceTo(held.Buffer.Start);
        Assert.InRange(await CountAsync(pair.Connection.Input), sent, sent + chunk.Length);
    }

    private static async Task EchoAsync(SocketConnection connection, Random random)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync(ConnectionPair.Deadline);
            ReadOnlySequence<byte> part = result.Buffer.Slice(0, random.NextInt64(result.Buffer.Length + 1));
            foreach (ReadOnlyMemory<byte> segment in part)
            {
                await connection.Output.WriteAsync(segment, ConnectionPair.Deadline);
            }

            bool all = part.Length == result.Buffer.Length;
            connection.Input.AdvanceTo(part.End);
            if (all && result.IsCompleted)
            {
                break;
            }
        }

        await connection.Output.CompleteAsync();
        await connection.Input.CompleteAsync();
    }

    private static async Task WriteAsync(SocketConnection connection, byte[] data, Random random)
    {
        for (int at = 0; at < data.Length;)
        {
            int count = Math.Min(data.Length - at, random.Next(1, 100_000));
            FlushResult result = await connection.Output.WriteAsync(data.AsMemory(at, count), ConnectionPair.Deadline);
            Assert.False(result.IsCompleted);
            at += count;
        }

        await connection.Output.CompleteAsync();
    }

    private static async Task<byte[]> HashAsync(PipeReader input)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (true)
        {
            ReadResult result = await input.ReadAsync(ConnectionPair.Deadline);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                hash.AppendData(segment.Span);
            }

            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return hash.GetHashAndReset();
            }
        }
    }

    private static async Task<long> CountAsync(PipeReader input)
    {
        long count = 0;
        while (true)
        {
            ReadResult result = await input.ReadAsync(ConnectionPair.Deadline);
            count += result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return count;
            }
        }
    }
}
