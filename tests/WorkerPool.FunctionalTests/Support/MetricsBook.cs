using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Keeps what the instruments of one pool say. Tags are written as <c>name=value</c>, without the common beginning.</summary>
internal sealed class MetricsBook : IDisposable
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly MeterListener _listener = new();
    private readonly string _pool;

    public MetricsBook(string pool)
    {
        _pool = pool;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "WorkerPool")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What was counted: by instruments that count as it happens.</summary>
    public double Counted(string instrument, params string[] tags) => Find(instrument, tags).Sum(entry => entry.Value);

    /// <summary>How often a duration was recorded.</summary>
    public int Recorded(string instrument, params string[] tags) => Find(instrument, tags).Count();

    /// <summary>What is, now: the sum over all that have these tags.</summary>
    public double Shown(string instrument, params string[] tags) => Collect(instrument, tags).Sum(entry => entry.Value);

    /// <summary>The series that are shown now.</summary>
    public IReadOnlyList<Entry> Collect(string instrument, params string[] tags)
    {
        HashSet<Entry> before = [.. _entries];
        _listener.RecordObservableInstruments();
        return [.. Find(instrument, tags).Where(entry => !before.Contains(entry))];
    }

    public string Text => string.Join('\n', _entries.Select(entry => $"{entry.Instrument} {entry.Value} {string.Join(' ', entry.Tags)}"));

    public void Dispose() => _listener.Dispose();

    private IEnumerable<Entry> Find(string instrument, string[] tags) =>
        _entries.Where(entry => entry.Instrument == "workerpool." + instrument && tags.All(entry.Tags.Contains));

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string[] texts = [.. tags.ToArray().Select(tag => $"{tag.Key.Replace("workerpool.", "", StringComparison.Ordinal)}={tag.Value}")];
        if (texts.Contains($"pool={_pool}"))
        {
            _entries.Enqueue(new Entry(instrument.Name, value, texts));
        }
    }

    /// <summary>One measurement. Each is itself only.</summary>
    public sealed class Entry(string instrument, double value, string[] tags)
    {
        public string Instrument => instrument;

        public double Value => value;

        public string[] Tags => tags;
    }
}
