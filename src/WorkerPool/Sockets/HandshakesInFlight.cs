using System.Net;

namespace WorkerPool.Sockets;

/// <summary>
/// Waits for the handshakes that had begun when new connections were steered away from a slot: a connection belongs to
/// the socket that its SYN chose, and comes into that one's accept queue when its ACK comes, steered or not.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item><description>Take the set of half-open connections of the pool's ports: those of the slot are among them (the kernel does
/// not tell which they are).</description></item>
/// <item><description>Look again, first soon and then less often, until none of that set is left: completed or given up. What began
/// later went to other slots and does not count, so it ends under load too, after a round trip of the slowest client.</description></item>
/// <item><description>Or until the limit: a client that went away in the middle is waited for by the kernel for a minute.</description></item>
/// </list>
/// A SYN that another processor was just about to bind when the program changed can be missed. Nothing is lost by it: it
/// waits in the slot's queue for the next worker.
/// </remarks>
internal static class HandshakesInFlight
{
    /// <summary>How long to wait where the kernel does not tell: a round trip around the world.</summary>
    public static readonly TimeSpan BlindWait = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1); // timers have no finer steps
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Gives those half-open connections that are among a set; all, for null.</summary>
    public delegate HashSet<Handshake> Reader(IReadOnlySet<Handshake>? among);

    /// <summary>Completes with the number of handshakes that were still in flight at the limit; the work is done on the thread pool.</summary>
    /// <param name="listeners">Where the pool listens, with TCP.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warn">Is told why the kernel does not tell; then it is <see cref="BlindWait"/> or the limit, and 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<int> WhenSettledAsync(
        IReadOnlyList<(IPEndPoint Address, bool DualStack)> listeners,
        TimeSpan limit,
        TimeProvider time,
        Action<string> warn,
        CancellationToken cancellationToken)
    {
        // Here and not on the thread pool: it is cheap, and this thread is in the listeners' network namespace.
        SocketDiagnostics? diagnostics = TryOpen(out Exception? refusal);
        return Task.Run(
            async () =>
            {
                using (diagnostics)
                {
                    Reader read = among => diagnostics?.ReadHandshakes(listeners, among) ?? throw refusal!;
                    return await WhenSettledAsync(read, limit, time, warn, cancellationToken).ConfigureAwait(false);
                }
            },
            CancellationToken.None); // it must run, to close the socket
    }

    /// <summary>The same, with another source.</summary>
    public static async Task<int> WhenSettledAsync(
        Reader read, TimeSpan limit, TimeProvider time, Action<string> warn, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            HashSet<Handshake> left = read(null);
            TimeSpan pause = ShortestPause;
            while (left.Count > 0 && Rest() > TimeSpan.Zero)
            {
                await Task.Delay(Shorter(pause, Rest()), time, cancellationToken).ConfigureAwait(false);
                left = read(left);
                pause = Shorter(2 * pause, LongestPause);
            }

            return left.Count;
        }
        catch (Exception e) when (e is SystemCallException or InvalidDataException)
        {
            warn($"It is not known when the handshakes with a worker that is about to stop are complete: {e.Message} "
                + $"The pool waits for {BlindWait.TotalMilliseconds} ms instead.");
            await Task.Delay(Shorter(BlindWait, Rest()), time, cancellationToken).ConfigureAwait(false);
            return 0;
        }

        TimeSpan Rest() => limit - time.GetElapsedTime(start);
    }

    // Not below a timer's step, which would be no wait at all.
    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) =>
        TimeSpan.FromTicks(Math.Max(Math.Min(one.Ticks, other.Ticks), ShortestPause.Ticks));

    private static SocketDiagnostics? TryOpen(out Exception? refusal)
    {
        try
        {
            refusal = null;
            return SocketDiagnostics.Open();
        }
        catch (SystemCallException e)
        {
            refusal = e;
            return null;
        }
    }
}
