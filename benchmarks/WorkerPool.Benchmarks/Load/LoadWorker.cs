using System.Globalization;
using System.Net.Sockets;

namespace WorkerPool.Benchmarks.Load;

/// <summary>
/// A worker of .NET: answers 8 bytes with 7 of them and its slot, and waits for the client's end. Before it is ready it waits
/// for a time, as for a database, and serves itself a number of times.
/// </summary>
internal sealed class LoadWorker(int delayMilliseconds, int warmUpConnections)
{
    public const string Role = "load-worker";

    private const int Bytes = 8;

    /// <summary>With the settings of the samples: many processes share the machine.</summary>
    /// <param name="delayMilliseconds">The time for which it waits.</param>
    /// <param name="warmUpConnections">How often it serves itself.</param>
    /// <param name="program">Another program that takes the role, published ahead of time perhaps; default: this one.</param>
    public static Release Release(int delayMilliseconds, int warmUpConnections, string? program = null)
    {
        string[] arguments = [Role, delayMilliseconds.ToString(CultureInfo.InvariantCulture), warmUpConnections.ToString(CultureInfo.InvariantCulture)];
        Release release = program is null ? WorkerPool.Release.Current("v1", arguments) : WorkerPool.Release.Create(program, arguments, label: "v1");
        return release.WithEnvironment("DOTNET_gcConcurrent", "0").WithEnvironment("DOTNET_TieredPGO", "0");
    }

    public static Task<int> RunAsync(string[] numbers)
    {
        int[] values = [.. numbers.Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return Pool.RunAsync(_ => throw new InvalidOperationException("This is a worker."), new LoadWorker(values[0], values[1]).ServeAsync);
    }

    private async Task ServeAsync(Worker worker)
    {
        await Task.Delay(delayMilliseconds);
        Task accepting = AcceptAsync(worker);
        await worker.ReadyAsync(WarmUpAsync);
        await accepting;
    }

    private async Task WarmUpAsync(Worker worker, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Bytes];
        for (int i = 0; i < warmUpConnections; i++)
        {
            using Socket self = await worker.Listeners[0].ConnectToSelfAsync(cancellationToken);
            await self.SendAsync(bytes, cancellationToken);
            await ReceiveAsync(self, bytes);
        }
    }

    private static async Task AcceptAsync(Worker worker)
    {
        await foreach (Socket client in worker.Listeners[0].AcceptAllAsync())
        {
            _ = AnswerAsync(client, (byte)worker.Slot);
        }
    }

    private static async Task AnswerAsync(Socket client, byte slot)
    {
        using (client)
        {
            try
            {
                byte[] bytes = new byte[Bytes];
                if (await ReceiveAsync(client, bytes) == Bytes)
                {
                    bytes[^1] = slot;
                    await client.SendAsync(bytes);
                    await client.ReceiveAsync(bytes);
                }
            }
            catch (SocketException)
            {
                // The client knows it, and counts.
            }
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] bytes)
    {
        int received = 0;
        for (int count; received < bytes.Length && (count = await socket.ReceiveAsync(bytes.AsMemory(received))) > 0;)
        {
            received += count;
        }

        return received;
    }
}
