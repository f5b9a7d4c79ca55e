using System.Net;
using System.Runtime.ExceptionServices;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>Clients that connect, wait for the server's end, close; each as fast as it can.</summary>
internal static class ConnectLoad
{
    public static void Run(int port, int connections, int clients)
    {
        int left = connections;
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(_ => new Thread(() =>
        {
            try
            {
                while (failure is null && Interlocked.Decrement(ref left) >= 0)
                {
                    ConnectOnce(port);
                }
            }
            catch (SystemCallException e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failure?.Throw();
    }

    private static unsafe void ConnectOnce(int port)
    {
        int client = SystemCall.Check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        try
        {
            ResetAtClose(client);
            SocketAddress address = new IPEndPoint(IPAddress.Loopback, port).Serialize();
            fixed (byte* bytes = address.Buffer.Span)
            {
                SystemCall.Check(connect(client, (sockaddr*)bytes, (socklen_t)address.Size), "connect");
            }

            // Without this wait the server would accept connections that are reset already.
            byte nothing;
            SystemCall.Check((int)(long)recv(client, &nothing, 1, 0), "recv");
        }
        finally
        {
            SystemCall.Check(close(client), "close");
        }
    }

    // No TIME_WAIT is left on either side, and so no want of ports.
    private static unsafe void ResetAtClose(int client)
    {
        linger reset = new() { l_onoff = 1, l_linger = 0 };
        SystemCall.Check(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(linger)), "setsockopt(SO_LINGER)");
    }
}
