using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Who answered, and what.</summary>
internal sealed record Answer(int Slot, int Generation, int Process, string Label, string Line);

/// <summary>A client of a test worker's line server. Every wait has a deadline; nothing is ever tried again.</summary>
internal sealed class Client : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;

    private Client(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _reader = new StreamReader(_stream, Encoding.ASCII);
    }

    public static async Task<Client> ConnectAsync(EndPoint address)
    {
        Socket socket = address is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource deadline = new(Patience);
        try
        {
            await socket.ConnectAsync(address, deadline.Token);
            return new Client(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(string line) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\n"));

    public async Task<Answer> ReceiveAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        string text = await _reader.ReadLineAsync(deadline.Token)
            ?? throw new IOException("The connection ended without an answer.");
        string[] parts = text.Split(' ', 5);
        return new Answer(Number(parts[0]), Number(parts[1]), Number(parts[2]), parts[3], parts[4]);
    }

    public async Task<Answer> AskAsync(string line = "hello")
    {
        await SendAsync(line);
        return await ReceiveAsync();
    }

    /// <summary>Says that no line follows; the server ends the connection then.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Whether the server has ended the connection in order; throws if it was reset.</summary>
    public async Task<bool> IsEndedAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        return await _reader.ReadLineAsync(deadline.Token) is null;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _socket.Dispose();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
