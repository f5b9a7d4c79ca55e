using System.Net.Sockets;
using System.Text.Json;
using static Tmds.Linux.LibC;

namespace WorkerPool.Operation;

/// <summary>The client's end: one request, its answers. What goes wrong is a <see cref="ControlException"/>.</summary>
internal sealed class ControlConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly LineBuffer _lines = new(OperationProtocol.MaxAnswerBytes);

    private ControlConnection()
    {
    }

    public static async Task<ControlConnection> OpenAsync(string path, Request request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> line = RequestWriter.Write(request);
        ControlConnection connection = new();
        try
        {
            await connection._socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            await connection.SendAsync(line, cancellationToken);
            return connection;
        }
        catch (SocketException e)
        {
            connection.Dispose();
            throw Explain(e, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The next line that this version understands.</summary>
    public async Task<Answer> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_lines.TryTake(out ReadOnlyMemory<byte> line))
            {
                return Parse(line.Span);
            }

            await ReceiveAsync(cancellationToken);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A master that refuses a client says so and closes, and does not wait for what is asked: the verdict is there to be read.</summary>
    private async Task SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(line, cancellationToken);
        }
        catch (SocketException e) when (e.NativeErrorCode == EPIPE || e.NativeErrorCode == ECONNRESET)
        {
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            int count = await _socket.ReceiveAsync(_lines.Space(), cancellationToken);
            _lines.Add(count > 0 ? count : throw Lost(null));
        }
        catch (SocketException e)
        {
            throw Lost(e);
        }
        catch (RequestException e)
        {
            throw new ControlException(ControlFailure.Protocol, $"The answer is not one of a master. {e.Message}", e);
        }
    }

    private static Answer Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AnswerJson.Default.Answer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new ControlException(
                ControlFailure.Protocol, $"An answer of the master cannot be read; it may be of another version than this client. {RequestException.OneLine(e.Message)}", e);
        }
    }

    private static ControlException Lost(Exception? cause) => new(
        ControlFailure.ConnectionLost, "The master ended the connection before it gave a verdict. What was asked for may have been done.", cause);

    private static ControlException Explain(SocketException e, string path)
    {
        int error = e.NativeErrorCode;
        return e.SocketErrorCode == SocketError.AddressNotAvailable // how the runtime reports ENOENT
            || error == ENOENT || error == ENOTDIR ? new(ControlFailure.NoMaster, $"There is no control socket {path}. Is the master running, and is this its ControlPath?", e)
            : error == ECONNREFUSED ? new(ControlFailure.NoMaster, $"Nobody listens on the control socket {path}: the master that made it has ended.", e)
            : error == EACCES || error == EPERM ? new(ControlFailure.NotPermitted, $"This user may not use the control socket {path}. Be the master's user, root, or in its ControlGroup.", e)
            : error == EAGAIN ? new(ControlFailure.Busy, $"Too many clients wait at the control socket {path}. Try again.", e)
            : new(ControlFailure.NoMaster, $"The control socket {path} cannot be reached: {e.Message}", e);
    }
}
