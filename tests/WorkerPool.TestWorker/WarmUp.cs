using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.TestWorker;

/// <summary>Ways to warm a worker up.</summary>
internal static class WarmUp
{
    /// <summary>Asks each endpoint so often, and does not take an answer of another process.</summary>
    public static async Task AskAsync(Worker worker, int times, CancellationToken stop)
    {
        foreach (WorkerListener listener in Enumerable.Repeat(worker.Listeners, times).SelectMany(listeners => listeners))
        {
            using Socket client = await listener.ConnectToSelfAsync(stop);
            await using NetworkStream stream = new(client);
            using StreamReader reader = new(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("warm-up\n"), stop);
            string? answer = await reader.ReadLineAsync(stop);
            if (answer is null || !answer.Contains($" {Text(Environment.ProcessId)} ", StringComparison.Ordinal) || worker.ConnectionCount == 0)
            {
                throw new InvalidOperationException($"The answer is \"{answer}\", with {Text(worker.ConnectionCount)} live connections.");
            }
        }
    }

    public static Task FailAsync(Worker worker, CancellationToken stop) => throw new InvalidOperationException("the upstream is not there.");

    /// <summary>Until it is cancelled, with a connection open.</summary>
    public static async Task HangAsync(Worker worker, CancellationToken stop)
    {
        using Socket client = await worker.Listeners[0].ConnectToSelfAsync(stop);
        await Task.Delay(Timeout.Infinite, stop);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
