using System.Diagnostics;

namespace ZeroDowntime.Load;

/// <summary>
/// Requests on a schedule that no answer can slow down: the n-th starts n/rate seconds after the first, and its latency
/// counts from that scheduled time, also if it starts late.
/// </summary>
internal sealed class OpenLoop(Ledger ledger, double rate)
{
    private const int MinBytes = 64;
    private const int MaxBytes = 8_192;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Runs until the token is cancelled, and then until the last request has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Random random = new(1);
        List<Task> running = [];
        long start = Stopwatch.GetTimestamp();
        long count = 0;
        using PeriodicTimer timer = new(Tick);
        while (!cancellationToken.IsCancellationRequested)
        {
            for (TimeSpan due = At(count); due <= Stopwatch.GetElapsedTime(start); due = At(++count))
            {
                running.Add(RequestAsync(start + ToTicks(due), random.Next(MinBytes, MaxBytes)));
            }

            running.RemoveAll(static task => task.IsCompletedSuccessfully);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(running);
    }

    private TimeSpan At(long request) => TimeSpan.FromSeconds(request / rate);

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task RequestAsync(long scheduled, int bytes)
    {
        string phase = ledger.Phase;
        bool served = await ledger.RunAsync(ConnectionKind.Request, TimeSpan.Zero, async (connection, deadline) =>
        {
            await connection.SendAsync(bytes, deadline);
            connection.EndSending();
            await connection.ReceiveToEndAsync(deadline);
        });
        if (served)
        {
            ledger.RecordLatency(phase, Stopwatch.GetElapsedTime(scheduled));
        }
    }
}
