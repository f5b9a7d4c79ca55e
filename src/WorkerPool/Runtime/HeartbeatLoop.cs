using System.Diagnostics;
using WorkerPool.Control;

namespace WorkerPool.Runtime;

/// <summary>Says to the master, again and again, that this worker still gets to its work.</summary>
/// <remarks>
/// What is to be proved is that a connection would be served. So each heartbeat waits in the global queue of the thread pool, behind
/// everything that was there before, as what the sockets report does. A thread of its own would beat on while the pool is
/// exhausted, and so would a timer: its callbacks overtake the queue.
/// </remarks>
internal static class HeartbeatLoop
{
    /// <summary>Until the token is cancelled, or the master is gone.</summary>
    public static async Task RunAsync(ControlChannel control, TimeSpan period, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                // A master that is behind has enough of them to read, and a channel that overflows is broken.
                if (control.WhenSentAsync().IsCompleted)
                {
                    await control.SendAsync(new Heartbeat(Debugger.IsAttached), stop).ConfigureAwait(false);
                }

                await Task.Delay(period, stop).ConfigureAwait(false);
                await WaitForThreadPoolAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The master is gone, or this worker leaves: nobody waits for a sign of it any more.
        }
    }

    private static Task WaitForThreadPoolAsync()
    {
        TaskCompletionSource turn = new(); // what follows runs within the work item itself
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        return turn.Task;
    }
}
