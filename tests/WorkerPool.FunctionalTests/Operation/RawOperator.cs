using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>A client of the control socket that sends what it likes. Every wait has a deadline.</summary>
internal sealed class RawOperator : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;

    private RawOperator(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _stream = new NetworkStream(_socket);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    public static RawOperator Connect(string path) => new(path);

    public Task SendAsync(string line) => SendAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public async Task SendAsync(byte[] bytes)
    {
        using CancellationTokenSource deadline = new(Patience);
        await _stream.WriteAsync(bytes, deadline.Token);
    }

    /// <summary>Says that nothing follows.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next line; null: the end.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        return await _reader.ReadLineAsync(deadline.Token) is string line ? JsonDocument.Parse(line).RootElement : null;
    }

    /// <summary>The verdict of what was asked, and the lines before it.</summary>
    public async Task<(JsonElement Verdict, List<JsonElement> Before)> VerdictAsync()
    {
        List<JsonElement> before = [];
        while (await ReadAsync() is JsonElement line)
        {
            if (line.TryGetProperty("verdict", out JsonElement verdict))
            {
                return (verdict, before);
            }

            before.Add(line);
        }

        throw new EndOfStreamException("The connection ended without a verdict.");
    }

    /// <summary>The outcome of what was asked.</summary>
    public async Task<string?> OutcomeAsync() => (await VerdictAsync()).Verdict.GetProperty("outcome").GetString();

    public async Task<JsonElement> AskAsync(string line)
    {
        await SendAsync(line);
        return (await VerdictAsync()).Verdict;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _socket.Dispose();
    }
}
