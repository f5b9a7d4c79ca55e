using System.Net.Sockets;

namespace WorkerPool.Probes;

/// <summary>See <see cref="HealthProbe.Tcp"/>.</summary>
internal sealed class TcpProbe(string endpoint, byte[] send, byte[] expect)
{
    private const int MostIgnored = 1 << 20;

    public async Task AttemptAsync(ProbeContext context, CancellationToken cancellationToken)
    {
        Stream stream = await context.ConnectAsync(endpoint, cancellationToken);
        await stream.WriteAsync(send, cancellationToken);
        await (expect.Length > 0 ? CompareAsync(stream, cancellationToken) : EndAsync(stream, cancellationToken));
    }

    private async Task CompareAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] answer = new byte[expect.Length];
        int length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken);
        if (!answer.AsSpan(0, length).SequenceEqual(expect))
        {
            string ended = length < answer.Length ? ", and then the end" : "";
            throw new ProbeFailedException($"it answered {Excerpt.Of(answer.AsSpan(0, length))}{ended}, where {Excerpt.Of(expect)} was expected.");
        }
    }

    private static async Task EndAsync(Stream stream, CancellationToken cancellationToken)
    {
        ((NetworkStream)stream).Socket.Shutdown(SocketShutdown.Send);
        byte[] ignored = new byte[4096];
        for (int total = 0, length = -1; length != 0; total += length)
        {
            length = await stream.ReadAsync(ignored, cancellationToken);
            if (total > MostIgnored)
            {
                throw new ProbeFailedException($"it did not end the connection, but sent more than {MostIgnored} bytes.");
            }
        }
    }
}
