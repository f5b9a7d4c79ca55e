using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.TestWorker;

/// <summary>Answers each line with who serves it: <c>slot generation process label line</c>. The client ends the connection.</summary>
internal static class LineServer
{
    /// <summary>Serves; saying that the worker is ready is somebody else's business.</summary>
    public static Task AcceptAllAsync(Worker worker) => Task.WhenAll(worker.Listeners.Select(listener => AcceptAsync(worker, listener)));

    public static async Task ServeAsync(Worker worker)
    {
        worker.ReopeningLogs += (_, _) => Console.WriteLine($"reopening {worker.Slot} {Environment.ProcessId}");
        Task[] listeners = [.. worker.Listeners.Select(listener => AcceptAsync(worker, listener))];
        await worker.ReadyAsync();
        await Task.WhenAll(listeners);
    }

    public static async Task ServeWarmAsync(Worker worker, Func<Worker, CancellationToken, Task> warmUp)
    {
        Task[] listeners = [.. worker.Listeners.Select(listener => AcceptAsync(worker, listener))];
        await worker.ReadyAsync(warmUp);
        await Task.WhenAll(listeners);
    }

    /// <summary>Is ready when it has served a connection, which somebody has to pass to it.</summary>
    public static async Task ServeWhenProvedAsync(Worker worker)
    {
        Task[] listeners = [.. worker.Listeners.Select(listener => AcceptAsync(worker, listener))];
        while (worker.AcceptedCount == 0 || worker.ConnectionCount > 0)
        {
            await Task.Delay(5);
        }

        await worker.ReadyAsync();
        await Task.WhenAll(listeners);
    }

    public static async Task HangInDrainAsync(Worker worker)
    {
        await ServeAsync(worker);
        await Task.Delay(Timeout.Infinite);
    }

    private static async Task AcceptAsync(Worker worker, WorkerListener listener)
    {
        await foreach (Socket client in listener.AcceptAllAsync())
        {
            _ = AnswerAsync(worker, client);
        }
    }

    private static async Task AnswerAsync(Worker worker, Socket client)
    {
        using (client)
        {
            try
            {
                await using NetworkStream stream = new(client);
                using StreamReader reader = new(stream, Encoding.ASCII);
                while (await reader.ReadLineAsync(worker.Stopping) is string line)
                {
                    string answer = string.Create(
                        CultureInfo.InvariantCulture, $"{worker.Slot} {worker.Generation} {Environment.ProcessId} {worker.Label} {line}\n");
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), worker.Stopping);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client is gone, or this worker has to end: the client sees that.
            }
        }
    }
}
