using System.Globalization;
using System.Net;

namespace ZeroDowntime.Load;

/// <summary>
/// The clients, in a process of their own: what they measure does not depend on what the master and the workers do.
/// </summary>
/// <remarks>
/// Commands come as lines on standard input: <c>phase NAME</c>, <c>open GROUP COUNT</c>, <c>send GROUP</c>, <c>stop</c>.
/// Answers go as <see cref="LoadMessage"/> lines to standard output. The end of the input ends the process.
/// </remarks>
internal sealed class LoadRole : IDisposable
{
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly TextWriter _output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
    private readonly Ledger _ledger;
    private readonly WaitingConnections _waiting;
    private readonly OpenLoop _requests;
    private readonly EchoStreams _streams;

    private LoadRole(IPEndPoint target, LoadOptions options)
    {
        _ledger = new Ledger(target, Report);
        _waiting = new WaitingConnections(_ledger);
        _requests = new OpenLoop(_ledger, options.Rate);
        _streams = new EchoStreams(_ledger, options.Streams, options.MinStreamLife, options.MaxStreamLife);
    }

    /// <summary>Runs the load.</summary>
    /// <param name="arguments">The address of the proxy, and <see cref="LoadOptions.ToArguments"/>.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using LoadRole role = new(IPEndPoint.Parse(arguments[0]), LoadOptions.FromArguments(arguments[1..]));
        return await role.RunAsync();
    }

    public void Dispose() => _stop.Dispose();

    private async Task<int> RunAsync()
    {
        Task? running = null;
        while (await Console.In.ReadLineAsync() is string line)
        {
            switch (line.Split(' '))
            {
                case ["phase", string name]:
                    _ledger.Phase = name;
                    running ??= Task.WhenAll(_requests.RunAsync(_stop.Token), _streams.RunAsync(_stop.Token), ReportProgressAsync());
                    break;
                case ["open", string group, string count]:
                    _ = OpenAsync(group, int.Parse(count, CultureInfo.InvariantCulture));
                    break;
                case ["send", string group]:
                    _waiting.Send(group);
                    break;
                case ["stop"]:
                    await StopAsync(running ?? Task.CompletedTask);
                    return 0;
                default:
                    throw new FormatException($"\"{line}\" is not a command.");
            }
        }

        return 1; // The demonstration is gone.
    }

    private async Task OpenAsync(string group, int count)
    {
        await _waiting.OpenAsync(group, count);
        Report(new Held(group, count));
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
        await _waiting.FinishAsync();
        foreach (PhaseLatency latency in _ledger.Latencies())
        {
            Report(latency);
        }

        Report(_ledger.Total());
    }

    private async Task ReportProgressAsync()
    {
        using PeriodicTimer timer = new(ProgressPeriod);
        while (!_stop.IsCancellationRequested && await timer.WaitForNextTickAsync())
        {
            Report(_ledger.Progress());
        }
    }

    private void Report(LoadMessage message) => _output.WriteLine(message.ToLine());
}
