using System.Collections.Concurrent;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// Clients that come at a constant rate, whether the pool answers or not; each has one connection and one question.
/// Every one is counted, nothing is tried again.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly Func<Task<Client>> _connect;
    private readonly Func<string> _history;
    private readonly ConcurrentQueue<(int Number, string Why)> _lost = new();
    private readonly ConcurrentDictionary<string, int> _served = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task<Task[]> _coming;
    private int _count;

    private Load(Func<Task<Client>> connect, Func<string> history, int perSecond)
    {
        _connect = connect;
        _history = history;
        _coming = Task.Run(() => ComeAsync(perSecond * Period.TotalSeconds));
    }

    /// <summary>How many have an answer so far, by the label of the release that gave it.</summary>
    public IReadOnlyDictionary<string, int> Served => _served;

    /// <summary>How many have come so far; their handshakes are complete.</summary>
    public int Count => Volatile.Read(ref _count);

    public static Load Start(TestPool pool, int perSecond = 300) => new(pool.ConnectAsync, () => pool.Log.Text, perSecond);

    public static Load Start(MasterProcess master, int perSecond = 300) =>
        new(master.ConnectAsync, () => string.Join('\n', master.Said), perSecond);

    /// <summary>Waits until so many more clients have come as had when this was called.</summary>
    public async Task ForAsync(int clients)
    {
        int until = Volatile.Read(ref _count) + clients;
        while (Volatile.Read(ref _count) < until)
        {
            await Task.Delay(Period);
        }
    }

    /// <summary>No more clients come; gives the number of those that were lost.</summary>
    public async Task<int> EndAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(await _coming);
        return _lost.Count;
    }

    /// <summary>No more clients come; every one that came must have its answer.</summary>
    public async Task EndWithoutLossAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(await _coming);
        Xunit.Assert.True(
            _lost.IsEmpty && _served.Values.Sum() == _count,
            $"{_lost.Count} of {_count} clients were lost, {_served.Values.Sum()} served. The first: {_lost.FirstOrDefault().Why}\n{_history()}");
        Xunit.Assert.True(_count > 0, "No client came.");
    }

    /// <summary>No more clients come; each has its answer or an error, and none was left without either.</summary>
    public async Task EndWithoutHangingAsync()
    {
        await EndAsync();
        Xunit.Assert.DoesNotContain(_lost, client => client.Why.Contains("Canceled", StringComparison.Ordinal));
    }

    /// <summary>No more clients come; the first ones must have their answers. Those that came later met a pool that ends.</summary>
    public async Task EndWithoutLossAmongAsync(int first)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(await _coming);
        (int Number, string Why)[] lost = [.. _lost.Where(client => client.Number < first).OrderBy(client => client.Number)];
        Xunit.Assert.True(lost.Length == 0, $"{lost.Length} of {first} clients were lost. The first: {lost.FirstOrDefault()}\n{_history()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(await _coming);
        _ending.Dispose();
    }

    private async Task<Task[]> ComeAsync(double perPeriod)
    {
        List<Task> clients = [];
        using PeriodicTimer timer = new(Period);
        double due = 0;
        while (!_ending.IsCancellationRequested)
        {
            for (due += perPeriod; due >= 1; due--)
            {
                clients.Add(AskAsync(clients.Count));
                Interlocked.Increment(ref _count);
            }

            await timer.WaitForNextTickAsync();
        }

        return [.. clients];
    }

    private async Task AskAsync(int number)
    {
        try
        {
            using Client client = await _connect();
            Answer answer = await client.AskAsync();
            _served.AddOrUpdate(answer.Label, 1, (_, count) => count + 1);
        }
        catch (Exception e)
        {
            _lost.Enqueue((number, $"{DateTime.UtcNow:mm:ss.fff} {e.GetType().Name}: {e.Message}"));
        }
    }
}
