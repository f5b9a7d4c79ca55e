using System.Globalization;

namespace WorkerPool.Probes;

/// <summary>Asks one worker, attempt by attempt.</summary>
internal static class Probing
{
    /// <summary>Null as soon as an attempt succeeded; otherwise a sentence that says how the last one failed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled. Nothing else is thrown.</exception>
    public static async Task<string?> RunAsync(HealthProbe probe, ProbeTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            long start = time.GetTimestamp();
            string? failure = await AttemptAsync(probe, target, time, cancellationToken);
            if (failure is null)
            {
                return null;
            }

            TimeSpan duration = time.GetElapsedTime(start);
            if (attempt < probe.Attempts)
            {
                // A connection ends a moment before the exit of the worker is seen, and that is the better reason.
                await WaitAsync(target.Exited, probe.Interval, time, cancellationToken);
            }

            if (target.Exited.IsCompleted)
            {
                failure = Ended(target);
            }

            if (attempt == probe.Attempts || target.Exited.IsCompleted)
            {
                return Text($"The {probe.Name} failed, attempt {attempt} of {probe.Attempts}, after {duration.TotalSeconds:0.###} s: {failure}");
            }
        }
    }

    private static async Task<string?> AttemptAsync(HealthProbe probe, ProbeTarget target, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ProbeContext context = new(target);

        // On the pool, because the host's own code may block.
        Task asking = Task.Run(() => probe.AttemptAsync(context, over.Token), CancellationToken.None);
        try
        {
            await WaitAsync(Task.WhenAny(asking, target.Exited), probe.Timeout, time, cancellationToken);
            return asking.IsCompleted ? await ReasonAsync(asking)
                : target.Exited.IsCompleted ? Ended(target)
                : Text($"no answer within {probe.Timeout.TotalSeconds:0.###} s.");
        }
        finally
        {
            await over.CancelAsync();
            context.End();
            _ = asking.ContinueWith(late => late.Exception, TaskScheduler.Default); // nobody waits for it any more
        }
    }

    private static async Task<string?> ReasonAsync(Task asking)
    {
        try
        {
            await asking;
            return null;
        }
        catch (ProbeFailedException e)
        {
            return e.Message;
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private static async Task WaitAsync(Task task, TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(most, time, enough.Token));
        await enough.CancelAsync(); // the timer goes
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static string Ended(ProbeTarget target) =>
        $"the worker ended meanwhile{(target.Exited.IsCompletedSuccessfully ? $": {target.Exited.Result}" : "")}.";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
