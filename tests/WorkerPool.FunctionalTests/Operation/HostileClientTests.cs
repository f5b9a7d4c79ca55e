using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CsCheck;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>Clients that mean harm, while the pool serves: no connection is lost, no worker is touched, and operators get through.</summary>
[Collection("Pools")]
public sealed class HostileClientTests
{
    private const int Inputs = 10_000;

    private static readonly Gen<byte[]> Garbage = Gen.Byte.Array[0, 300];

    private static readonly Gen<byte[]> Mutated = Gen.Select(
        OneOf(
            """{"verb":"status","measure":false}""", """{"verb":"drain","slot":99,"deadline":1}""", """{"verb":"scale","workers":99999}""",
            """{"verb":"roll","plan":{"slots":[99],"bake":1,"probe":{"kind":"tcp","endpoint":"x"}}}""", """{"verb":"weight","slot":-1,"weight":1e9}""",
            """{"verb":"start","slot":0,"release":{"executable":"/no","environment":{"A":null}}}""", """{"verb":"events","last":-5,"follow":false}"""),
        Gen.Int[0, 200],
        Gen.Byte,
        (line, place, value) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
            bytes[place % (bytes.Length - 1)] = value;
            return bytes;
        });

    private static readonly Gen<byte[]> Deep = Gen.Int[1, 20_000].Select(depth =>
        Encoding.UTF8.GetBytes("{\"verb\":" + new string('[', depth) + new string(']', depth) + "}\n"));

    private static readonly Gen<byte[]> Long = Gen.Int[60_000, 200_000].Select(length =>
        Encoding.UTF8.GetBytes("{\"verb\":\"" + new string('x', length)));

    private static readonly Gen<byte[]> Half = OneOf("""{"verb":"stop","mo""", """{"verb":"stop"}""", "{", "\"")
        .Select(Encoding.UTF8.GetBytes);

    [Fact]
    public async Task Ten_thousand_hostile_inputs_under_load_cost_nothing()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        await using Load load = Load.Start(operated.Pool, perSecond: 100);
        int[] before = [.. operated.Pool.Status.Slots.Select(slot => slot.Workers[0].ProcessId)];
        byte[][] inputs = new byte[Inputs][];
        Gen<byte[]> any = Gen.Frequency((6, Mutated), (3, Garbage), (1, Half), (1, Gen.OneOf(Deep, Long)));
        int made = 0;
        any.Sample(bytes => { inputs[Interlocked.Increment(ref made) - 1] = bytes; }, iter: Inputs, threads: 1);

        await Parallel.ForAsync(0, Inputs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await HarmAsync(operated.Path, inputs[i], i % 3));

        PoolStatus status = await (await operated.ClientAsync()).GetStatusAsync(TestContext.Current.CancellationToken);
        Assert.Equal(before, status.Slots.Select(slot => Assert.Single(slot.Workers).ProcessId));
        Assert.False(status.Stopping);
        await load.EndWithoutLossAsync();
        Assert.DoesNotContain(operated.Pool.Log.Lines, line => line.Contains("nobody expected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_do_not_lock_operators_out()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        List<RawOperator> idle = [];
        for (int i = 0; i < 1000; i++)
        {
            idle.Add(RawOperator.Connect(operated.Path));
        }

        // Those that are idle for long enough make room; until then it is said why there is none.
        await Machine.UntilAsync(() => IsAdmitted(operated.Path), "an operator gets through");
        idle.ForEach(client => client.Dispose());
        using RawOperator late = operated.Connect();
        Assert.Equal("done", (await late.AskAsync("""{"verb":"hello"}""")).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_events_and_is_told()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using RawOperator slow = operated.Connect();
        await slow.SendAsync("""{"verb":"events","last":1}""");
        Assert.NotNull(await slow.ReadAsync()); // it follows from here on
        Master master = operated.Pool.Master;
        for (int i = 0; i < 4_000; i++)
        {
            await master.SuspendRespawnAsync(); // two events each
        }

        int lost = 0;
        while (lost == 0 && await slow.ReadAsync() is JsonElement line)
        {
            lost = line.TryGetProperty("lost", out JsonElement count) ? count.GetInt32() : 0;
        }

        Assert.True(lost > 0, "It did not hear that events were lost.");
    }

    [Fact]
    public async Task A_client_that_floods_and_never_reads_is_let_go()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        using Socket flood = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await flood.ConnectAsync(new UnixDomainSocketEndPoint(operated.Path));
        byte[] requests = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"verb\":\"status\"}\n", 1000)));
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await flood.SendAsync(requests, deadline.Token);
            }
        });
        Assert.Contains(operated.Pool.Log.Lines, line => line.Contains("does not read", StringComparison.Ordinal));
        using RawOperator other = operated.Connect();
        Assert.Equal("done", (await other.AskAsync("""{"verb":"status"}""")).GetProperty("outcome").GetString());
    }

    private static bool IsAdmitted(string path)
    {
        try
        {
            return ControlClient.ConnectAsync(path).GetAwaiter().GetResult().ProcessId == Environment.ProcessId;
        }
        catch (ControlException e) when (e.Failure == ControlFailure.Busy)
        {
            return false;
        }
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>Sends it, and then reads what comes, or hangs up at once, or stops sending and reads.</summary>
    private static async Task HarmAsync(string path, byte[] input, int manner)
    {
        try
        {
            using RawOperator client = RawOperator.Connect(path);
            await client.SendAsync(input);
            if (manner > 0)
            {
                client.EndSending();
            }

            while (manner == 1 && await client.ReadAsync() is not null)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Refused or let go: as it should be.
        }
    }
}
