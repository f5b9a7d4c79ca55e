using System.Globalization;
using System.Net.Sockets;
using WorkerPool.FunctionalTests.Processes;
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
        string worker = Path.Combine(AppContext.BaseDirectory, "WorkerPool.TestWorker");
        await using Child measuring = Child.Start(Release.Create(worker, ["measure-idle", "200"])); // its memory is nobody else's
        Assert.Equal(0, (await measuring.EndAsync()).Code);
        Assert.InRange(long.Parse(measuring.Output, CultureInfo.InvariantCulture), 1, 10_000);
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
