using WorkerPool.Runtime;

namespace WorkerPool.Operation;

/// <summary>Sends events to a client as fast as it reads them; what does not fit into its buffer is lost, and that is said.</summary>
internal static class EventRelay
{
    /// <summary>Ends with what had happened when <paramref name="until"/> completed, or with the last event of the pool.</summary>
    public static async Task RunAsync(EventReader events, Func<PoolEvent, bool> fits, IAnswers answers, Task until)
    {
        while (true)
        {
            bool last = until.IsCompleted;
            while (events.TryRead(out PoolEvent? happened, out int lost))
            {
                if (lost > 0)
                {
                    await answers.SendAsync(new Answer { Lost = lost });
                }

                if (fits(happened))
                {
                    await answers.SendAsync(new Answer { Event = happened });
                }
            }

            if (last)
            {
                return;
            }

            Task<bool> more = events.WaitAsync(answers.Gone);
            if (await Task.WhenAny(more, until) == more && !await more)
            {
                return;
            }
        }
    }
}
