using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HdrHistogram;

namespace ZeroDowntime.Load;

/// <summary>Opens connections and keeps account of every one: served whole, or lost and how. Thread-safe.</summary>
internal sealed class Ledger(EndPoint target, Action<LoadMessage> report)
{
    private const long MaxMicroseconds = 120_000_000;
    private const int Digits = 3;

    /// <summary>The time that a connection has, beside the time that it means to last.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LongHistogram> _latencies = [];
    private readonly long[] _opened = new long[Enum.GetValues<ConnectionKind>().Length];
    private long _served;
    private long _lost;
    private long _bytes;

    public string Phase { get; set; } = "";

    /// <summary>Runs one connection from its opening to its end. Never fails: what goes wrong is in the account.</summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="lasting">How long it means to last.</param>
    /// <param name="use">What it does, once it is connected; ends when the peer has.</param>
    /// <returns>Whether it was served whole.</returns>
    public async Task<bool> RunAsync(
        ConnectionKind kind, TimeSpan lasting, Func<EchoConnection, CancellationToken, Task> use)
    {
        string phase = Phase;
        long openedAt = Stopwatch.GetTimestamp();
        ulong number = (ulong)CountOpened(kind);
        using EchoConnection connection = new(number << 2 | (ulong)kind);
        using CancellationTokenSource deadline = new(lasting + Deadline);
        try
        {
            await connection.ConnectAsync(target, deadline.Token);
            await use(connection, deadline.Token);
            connection.EnsureWhole();
            CountServed(connection);
            return true;
        }
#pragma warning disable CA1031 // Whatever it was, the connection is lost, and the account must say so.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            CountLost(new Loss(
                Classify(exception), kind, phase, connection.Port, openedAt, Stopwatch.GetTimestamp(), exception.Message));
            return false;
        }
    }

    public void RecordLatency(string phase, TimeSpan latency)
    {
        lock (_gate)
        {
            if (!_latencies.TryGetValue(phase, out LongHistogram? histogram))
            {
                _latencies[phase] = histogram = new LongHistogram(1, MaxMicroseconds, Digits);
            }

            histogram.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, MaxMicroseconds));
        }
    }

    public Progress Progress()
    {
        lock (_gate)
        {
            return new Progress(_opened.Sum(), _served, _lost);
        }
    }

    public Total Total()
    {
        lock (_gate)
        {
            return new Total(
                _opened[(int)ConnectionKind.Request], _opened[(int)ConnectionKind.Stream], _opened[(int)ConnectionKind.Waiting],
                _served, _lost, _bytes);
        }
    }

    public PhaseLatency[] Latencies()
    {
        lock (_gate)
        {
            return [.. _latencies.Select(pair => Summarize(pair.Key, pair.Value))];
        }
    }

    private long CountOpened(ConnectionKind kind)
    {
        lock (_gate)
        {
            return ++_opened[(int)kind];
        }
    }

    private void CountServed(EchoConnection connection)
    {
        lock (_gate)
        {
            _served++;
            _bytes += connection.Received;
        }
    }

    private void CountLost(Loss loss)
    {
        lock (_gate)
        {
            _lost++;
        }

        report(loss);
    }

    private static LossClass Classify(Exception exception) => exception switch
    {
        LossException loss => loss.Class,
        OperationCanceledException => LossClass.Timeout,
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => LossClass.Refused,
        SocketException { SocketErrorCode: SocketError.TimedOut } => LossClass.Timeout,
        SocketException
        {
            SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted
                or SocketError.Shutdown or SocketError.NotConnected,
        } => LossClass.Reset,
        _ => LossClass.Other,
    };

    private static PhaseLatency Summarize(string phase, LongHistogram histogram) => new(
        phase, histogram.TotalCount,
        Milliseconds(histogram.GetValueAtPercentile(50)),
        Milliseconds(histogram.GetValueAtPercentile(99)),
        Milliseconds(histogram.GetValueAtPercentile(99.9)),
        Milliseconds(histogram.GetValueAtPercentile(100)));

    private static double Milliseconds(long microseconds) => microseconds / 1000.0;
}
