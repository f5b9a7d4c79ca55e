using System.Net;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>Connects from several threads, waits for the server's end, closes.</summary>
internal static class ConnectLoad
{
    private const int Threads = 8;

    public static void Run(int port, int connections)
    {
        int left = connections;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                ConnectOnce(port);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    private static unsafe void ConnectOnce(int port)
    {
        SocketAddress address = new IPEndPoint(IPAddress.Loopback, port).Serialize();
        int client = SystemCall.Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        fixed (byte* bytes = address.Buffer.Span)
        {
            SystemCall.Check(connect(client, (sockaddr*)bytes, (socklen_t)address.Size), "connect");
        }

        byte nothing;
        SystemCall.Check((int)(long)recv(client, &nothing, 1, 0), "recv");
        SystemCall.Check(close(client), "close");
    }
}
