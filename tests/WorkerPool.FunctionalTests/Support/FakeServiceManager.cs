using System.Net.Sockets;
using System.Text;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>The socket that a service manager listens on for sd_notify(3). Keeps what came, in order.</summary>
internal sealed class FakeServiceManager : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string? _path;

    public FakeServiceManager(bool isAbstract)
    {
        string name = $"workerpool-notify-{Guid.NewGuid():N}";
        _path = isAbstract ? null : Path.Combine(Path.GetTempPath(), name);
        Address = _path ?? "@" + name;
        _socket.Bind(new UnixDomainSocketEndPoint(_path ?? "\0" + name));
    }

    /// <summary>As NOTIFY_SOCKET has it.</summary>
    public string Address { get; }

    public List<string> Received { get; } = [];

    /// <summary>The next message that has this line, from those that have not come yet.</summary>
    public async Task<string> ReceiveAsync(string line)
    {
        byte[] buffer = new byte[4096];
        using CancellationTokenSource deadline = new(Patience);
        try
        {
            while (true)
            {
                int count = await _socket.ReceiveAsync(buffer, deadline.Token);
                Received.Add(Encoding.UTF8.GetString(buffer, 0, count));
                if (Received[^1].Split('\n').Any(one => one.StartsWith(line, StringComparison.Ordinal)))
                {
                    return Received[^1];
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"\"{line}\" did not come. What came: {string.Join(" | ", Received)}");
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }
}
