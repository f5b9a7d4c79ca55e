using System.Diagnostics;
using System.Net.Sockets;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>What became of one kind of clients. Thread-safe.</summary>
internal sealed class Tally(string kind)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<double>> _latencies = [];
    private readonly Dictionary<string, int> _failures = [];

    public string Kind => kind;

    public int Done { get; private set; }

    /// <summary>WebSockets: those that the server closed in order.</summary>
    public int ClosedInOrder { get; private set; }

    public int Failed => _failures.Values.Sum();

    public string Phase { get; set; } = "before";

    public void Count(string phase, long begin)
    {
        lock (_gate)
        {
            Done++;
            if (!_latencies.TryGetValue(phase, out List<double>? list))
            {
                _latencies[phase] = list = [];
            }

            list.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
    }

    public void CountClosed()
    {
        lock (_gate)
        {
            ClosedInOrder++;
        }
    }

    public void CountFailure(Exception failure)
    {
        lock (_gate)
        {
            Exception cause = failure;
            while (cause.InnerException is not null)
            {
                cause = cause.InnerException;
            }

            string text = cause is SocketException socket ? socket.SocketErrorCode.ToString() : cause.Message;
            _failures[text] = _failures.GetValueOrDefault(text) + 1;
        }
    }

    public double Percentile(string phase, double quantile)
    {
        lock (_gate)
        {
            if (!_latencies.TryGetValue(phase, out List<double>? list))
            {
                return 0;
            }

            list.Sort();
            return list[Math.Min(list.Count - 1, (int)(list.Count * quantile))];
        }
    }

    public string Failures()
    {
        lock (_gate)
        {
            return string.Join("; ", _failures.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} x {pair.Key}"));
        }
    }
}
