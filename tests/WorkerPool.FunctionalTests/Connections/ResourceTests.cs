using System.Net.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Connections;

/// <summary>Measures what belongs to the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ResourceTests), DisableParallelization = true)]
[Collection(nameof(ResourceTests))]
public class ResourceTests
{
    [Fact]
    public async Task An_idle_connection_holds_no_buffer()
    {
        List<ConnectionPair> pairs = [];
        for (int i = 0; i < 200; i++)
        {
            pairs.Add(await ConnectionPair.CreateAsync());
            await pairs[i].Connection.Output.WriteAsync("hello"u8.ToArray());
            await pairs[i].Peer.ReceiveAsync(new byte[5], ConnectionPair.Deadline);
        }

        long bytes = GC.GetTotalMemory(forceFullCollection: true);
        foreach (ConnectionPair pair in pairs)
        {
            await pair.DisposeAsync();
        }

        pairs.Clear();
        Assert.InRange((bytes - GC.GetTotalMemory(forceFullCollection: true)) / 200, long.MinValue, 10_000);
    }

    [Fact]
    public async Task A_thousand_short_connections_leak_no_descriptor()
    {
        // Warms up what the process opens once.
        await RoundTripAsync();
        int before = CountDescriptors();

        for (int i = 0; i < 1_000; i++)
        {
            await RoundTripAsync();
        }

        Assert.InRange(CountDescriptors() - before, int.MinValue, 5);
    }

    private static async Task RoundTripAsync()
    {
        (Socket one, Socket other) = await ConnectionPair.CreateSocketsAsync();
        SocketConnection client = new(one), server = new(other);
        await client.Output.WriteAsync("ping"u8.ToArray());
        await client.Output.CompleteAsync();
        Assert.Equal("ping", await server.Input.ReadToEndAsync());
        await server.Output.WriteAsync("pong"u8.ToArray());
        await server.DisposeAsync();
        Assert.Equal("pong", await client.Input.ReadToEndAsync());
        await client.DisposeAsync();
        await Task.WhenAll(client.Completed, server.Completed).WaitAsync(ConnectionPair.Deadline);
    }

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
