using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.WebBenchmarks.StartUp;

/// <summary>A pool of one program, whose master is this process.</summary>
internal sealed class StartedPool : IAsyncDisposable
{
    private const string Endpoint = "web";

    private readonly Master _master;

    private StartedPool(Master master) => _master = master;

    public static async Task<StartedPool> StartAsync(string name, string[] command, int workers)
    {
        PoolOptions options = new()
        {
            WorkerCount = workers,
            Release = Release.Create(command[0], command[1..], name),
            DrainDeadline = TimeSpan.FromSeconds(10),
        };
        options.Listen(Endpoint, "127.0.0.1:0");
        return new StartedPool(await Master.StartAsync(options));
    }

    public IEnumerable<int> Processes => _master.Status.Slots.SelectMany(slot => slot.Workers).Select(worker => worker.ProcessId);

    /// <summary>Starts the worker of slot 0 again: milliseconds until it is ready, and until a client has its first answer.</summary>
    public async Task<(double Ready, double FirstReply)> RestartAsync()
    {
        (await _master.DrainAsync(0)).EnsureDone();
        long start = Stopwatch.GetTimestamp();
        (await _master.StartAsync(0)).EnsureDone();
        double ready = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await AskAsync();
        return (ready, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>One request over a connection of its own.</summary>
    public async Task AskAsync()
    {
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync((IPEndPoint)_master.GetEndPoint(Endpoint));
        await client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        await using NetworkStream stream = new(client);
        using StreamReader reader = new(stream, Encoding.ASCII);
        string answer = await reader.ReadToEndAsync();
        if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The answer is not 200: {answer}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _master.StopAsync();
        await _master.DisposeAsync();
    }
}
