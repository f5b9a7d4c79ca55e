namespace ZeroDowntime.Load;

/// <summary>
/// A fixed number of connections that live for seconds with bytes always under way; each is followed by the next.
/// </summary>
/// <remarks>
/// A stream keeps its worker until it ends by itself: that is what a drain waits for, and why streams must end at all.
/// </remarks>
internal sealed class EchoStreams(Ledger ledger, int count, TimeSpan minLife, TimeSpan maxLife)
{
    private const int ChunkBytes = 3_001; // no multiple of anything
    private static readonly TimeSpan ChunkPeriod = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs until the token is cancelled, and then until the last stream has ended.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => RunOneAfterTheOtherAsync(cancellationToken)));

    private async Task RunOneAfterTheOtherAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan life = minLife + Random.Shared.NextDouble() * (maxLife - minLife);
            await ledger.RunAsync(
                ConnectionKind.Stream, life, (connection, deadline) => StreamAsync(connection, life, cancellationToken, deadline));
        }
    }

    private static async Task StreamAsync(EchoConnection connection, TimeSpan life, CancellationToken end, CancellationToken deadline)
    {
        Task receiving = connection.ReceiveToEndAsync(deadline);
        Task sending = SendAsync(connection, life, end, deadline);

        // The first failure ends the stream.
        await await Task.WhenAny(receiving, sending);
        await Task.WhenAll(receiving, sending);
    }

    private static async Task SendAsync(EchoConnection connection, TimeSpan life, CancellationToken end, CancellationToken deadline)
    {
        using PeriodicTimer timer = new(ChunkPeriod);
        for (int chunks = (int)(life / ChunkPeriod); chunks > 0 && !end.IsCancellationRequested; chunks--)
        {
            await connection.SendAsync(ChunkBytes, deadline);
            await timer.WaitForNextTickAsync(deadline);
        }

        connection.EndSending();
    }
}
