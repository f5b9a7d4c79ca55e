using System.Globalization;
using System.Text.RegularExpressions;
using WorkerPool.AspNetCore.Tests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>Keep-alive connections whose next worker is there, but does not come to take them: it is stopped by a signal.</summary>
[Collection("Pools")]
public partial class HandOverWaitTests
{
    /// <summary>More than the way to the next worker has room for, and fewer than that and the way out of the last one have together.</summary>
    private const int WaitingAlso = 400;

    /// <summary>More than both have room for.</summary>
    private const int TooMany = 800;

    [Fact]
    public async Task Connections_wait_for_a_worker_that_is_busy_also_when_theirs_has_ended()
    {
        await using WebPool pool = await StartAsync();
        List<RawClient> clients = await ConnectAsync(pool, WaitingAlso);
        int taker = await FreezeTakerAsync(pool);
        (await (await pool.BeginDrainAsync())).EnsureDone();
        PoolEvent passed = await pool.WaitForAsync(poolEvent => poolEvent.Kind == PoolEventKind.ConnectionsPassed);
        int[] counts = Numbers(passed); // passed, wait, for how long
        Assert.True(counts[1] > 0, passed.Message);
        Assert.Equal(WaitingAlso, counts[0] + counts[1]);

        Signal(taker, SIGCONT);

        foreach (RawClient client in clients)
        {
            Assert.Contains("1 1 v1", await client.AskAsync("/who"), StringComparison.Ordinal);
            client.Dispose();
        }
    }

    [Fact]
    public async Task Connections_that_nobody_takes_are_closed_in_order_and_the_others_are_served_later()
    {
        await using WebPool pool = await StartAsync();
        List<RawClient> clients = await ConnectAsync(pool, TooMany);
        List<Task<bool>> ends = clients.ConvertAll(client => client.IsEndedAsync()); // false: an answer, true: an orderly end, an error: a reset
        int taker = await FreezeTakerAsync(pool);
        (await (await pool.BeginDrainAsync())).EnsureDone();
        int[] counts = Numbers(await pool.WaitForAsync(poolEvent => poolEvent.Kind == PoolEventKind.ConnectionsPassed));
        PoolEvent closed = await pool.WaitForAsync(poolEvent =>
            poolEvent.Kind == PoolEventKind.Warning && poolEvent.Message.StartsWith("Closed", StringComparison.Ordinal));
        Assert.Equal(counts[1], Numbers(closed)[0]);
        Assert.InRange(counts[0] + counts[1], WaitingAlso, TooMany - 1); // the rest was closed by its worker

        await WebPool.UntilAsync(() => ends.Count(end => end.IsCompleted) >= TooMany - counts[0], "all that was not passed is closed");
        Signal(taker, SIGCONT);

        int served = 0;
        foreach ((RawClient client, Task<bool> end) in clients.Zip(ends))
        {
            bool isClosed = end.IsCompleted;
            if (!isClosed)
            {
                await client.SendRequestAsync("/who");
                served++;
            }

            Assert.Equal(isClosed, await end);
            client.Dispose();
        }

        Assert.Equal(counts[0], served);
    }

    private static Task<WebPool> StartAsync() => WebPool.StartAsync(options => options.Liveness.Enabled = false);

    /// <summary>Idle connections, all at slot 0.</summary>
    private static async Task<List<RawClient>> ConnectAsync(WebPool pool, int count)
    {
        List<RawClient> clients = [];
        while (clients.Count < count)
        {
            RawClient client = await pool.ConnectAsync();
            Assert.Contains("0 1 v1", await client.AskAsync("/who"), StringComparison.Ordinal);
            clients.Add(client);
        }

        return clients;
    }

    /// <summary>A second worker, stopped, which stays ready for all that the master knows.</summary>
    private static async Task<int> FreezeTakerAsync(WebPool pool)
    {
        (await pool.Master.ScaleAsync(2)).EnsureDone();
        int taker = pool.Master.Status.Slots[1].Workers[0].ProcessId;
        Signal(taker, SIGSTOP);
        await WebPool.UntilAsync(
            () => Directory.EnumerateDirectories($"/proc/{taker}/task").All(thread => File.ReadAllText(thread + "/stat").Split(") ")[^1][0] == 'T'),
            "the taker is stopped");
        return taker;
    }

    private static void Signal(int process, int signal) => Assert.Equal(0, kill(process, signal));

    private static int[] Numbers(PoolEvent poolEvent) =>
        [.. NumberPattern().Matches(poolEvent.Message).Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("[0-9]+")]
    private static partial Regex NumberPattern();
}
