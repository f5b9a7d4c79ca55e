using System.Buffers;
using System.IO.Pipelines;
using WorkerPool;

namespace TcpProxy;

/// <summary>Carries the bytes of two connections to each other, and the ways in which connections end.</summary>
/// <remarks>
/// <code>
///   client --- Input -> copy -> Output --- upstream        one side ends sending: so does the other's Output (half-close)
///   client --- Output &lt;- copy &lt;- Input --- upstream        one side is reset: both are
/// </code>
/// Back-pressure: a copy reads no further than its target takes. Nothing is kept outside the pipes.
/// </remarks>
internal static class Relay
{
    /// <summary>Relays until both directions have ended.</summary>
    /// <param name="client">One side; the caller disposes it.</param>
    /// <param name="upstream">The other side; the caller disposes it.</param>
    /// <param name="stopping">Resets both sides.</param>
    public static async Task RunAsync(SocketConnection client, SocketConnection upstream, CancellationToken stopping)
    {
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(
            static pair => Abort(((SocketConnection, SocketConnection))pair!), (client, upstream));
        await Task.WhenAll(CopyAsync(client, upstream), CopyAsync(upstream, client));
    }

    private static async Task CopyAsync(SocketConnection source, SocketConnection target)
    {
        try
        {
            if (await CopyToEndAsync(source.Input, target.Output))
            {
                await target.Output.CompleteAsync();
            }
        }
        catch (IOException)
        {
            // The source was reset. To end the target in order would make a cut message look like a whole one.
            Abort((source, target));
        }
    }

    /// <summary>False: the target takes no more. It is gone then, and the copy that reads from it learns how.</summary>
    private static async ValueTask<bool> CopyToEndAsync(PipeReader source, PipeWriter target)
    {
        while (true)
        {
            ReadResult read = await source.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                target.Write(segment.Span);
            }

            source.AdvanceTo(read.Buffer.End);
            FlushResult flush = await target.FlushAsync();
            if (flush.IsCompleted || read.IsCompleted)
            {
                return !flush.IsCompleted;
            }
        }
    }

    private static void Abort((SocketConnection First, SocketConnection Second) pair)
    {
        pair.First.Abort();
        pair.Second.Abort();
    }
}
