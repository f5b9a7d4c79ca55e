using System.Collections.Concurrent;
using System.Diagnostics;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Keeps the spans of one pool that have ended.</summary>
internal sealed class SpanBook : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public SpanBook(string pool)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "WorkerPool" or TestSource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.GetTagItem("workerpool.pool") as string == pool)
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public const string TestSource = "WorkerPool.Tests";

    public Activity[] Of(string name) => [.. _spans.Where(span => span.OperationName == name)];

    public void Dispose() => _listener.Dispose();
}
