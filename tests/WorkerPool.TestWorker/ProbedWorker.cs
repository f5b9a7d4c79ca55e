using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.TestWorker;

/// <summary>What a health probe may meet.</summary>
internal static class ProbedWorker
{
    /// <summary>Answers every request with a status, when its first bytes have come.</summary>
    public static Task AnswerHttpAsync(Worker worker, int status) => ServeAsync(worker, async client =>
    {
        await client.ReceiveAsync(new byte[4096]);
        string answer = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Test\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await client.SendAsync(Encoding.ASCII.GetBytes(answer));
    });

    /// <summary>Ends every connection at once.</summary>
    public static Task RefuseAsync(Worker worker) => ServeAsync(worker, _ => Task.CompletedTask);

    /// <summary>Ends when it is asked something.</summary>
    public static Task ExitAsync(Worker worker, int code) => ServeAsync(worker, async client =>
    {
        await client.ReceiveAsync(new byte[4096]);
        Environment.Exit(code);
    });

    private static async Task ServeAsync(Worker worker, Func<Socket, Task> serve)
    {
        await worker.ReadyAsync();
        await foreach (Socket client in worker.Listeners[0].AcceptAllAsync())
        {
            using (client)
            {
                await serve(client);
            }
        }
    }
}
