using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>A process that accepts and closes, in one of the ways that are compared. Prints its port, ends with its standard input.</summary>
internal static class AcceptServer
{
    public const string Descriptors = "descriptors";
    public const string Sockets = "sockets";
    public const string AcceptAsync = "accept-async";

    public static async Task RunAsync(string kind)
    {
        Task serving = kind switch
        {
            Descriptors => ServeDescriptorsAsync(Listen()),
            Sockets => ServeSocketsAsync(Listen()),
            AcceptAsync => ServeAcceptAsync(),
            _ => throw new ArgumentException($"\"{kind}\" is no kind of server.", nameof(kind)),
        };
        Task ended = Task.Run(Console.In.ReadToEnd);
        await await Task.WhenAny(serving, ended);
    }

    private static async Task ServeDescriptorsAsync(InheritedListener listener)
    {
        ConnectionTracker tracker = new();
        using Acceptor acceptor = new("benchmark", listener, tracker, nonBlocking: true, NullLogger.Instance, TimeProvider.System, DescriptorReserve.OfThisProcess());
        acceptor.Open();
        int descriptor;
        while ((descriptor = (await acceptor.AcceptAsync()).Number) != Acceptor.Ended)
        {
            SystemCall.Check(close(descriptor), "close");
            tracker.End();
        }
    }

    private static async Task ServeSocketsAsync(InheritedListener listener)
    {
        WorkerListener endpoint = new("benchmark", listener, new ConnectionTracker(), NullLogger.Instance, TimeProvider.System);
        endpoint.Open();
        await foreach (Socket socket in endpoint.AcceptAllAsync())
        {
            socket.Dispose();
        }
    }

    private static async Task ServeAcceptAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1024);
        Announce(listener.LocalEndPoint!);
        while (true)
        {
            Socket socket = await listener.AcceptAsync();
            socket.Dispose();
        }
    }

    private static unsafe InheritedListener Listen()
    {
        int listener = SystemCall.Check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
        SocketAddress address = new IPEndPoint(IPAddress.Loopback, 0).Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            SystemCall.Check(bind(listener, (sockaddr*)bytes, (socklen_t)address.Size), "bind");
        }

        SystemCall.Check(listen(listener, 1024), "listen");
        InheritedListener inherited = new(listener);
        Announce(inherited.LocalEndPoint);
        return inherited;
    }

    private static void Announce(EndPoint endPoint) => Console.Out.WriteLine(((IPEndPoint)endPoint).Port);
}
