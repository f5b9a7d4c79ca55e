using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>This process's standard error. A write returns when all is written, and blocks the caller for as long.</summary>
/// <remarks>
/// Not that of <see cref="Console"/>, whose streams hold a common lock while they write: while nobody reads standard
/// error, a write to standard output would hang as well.
/// </remarks>
internal sealed unsafe class StandardErrorStream : Stream
{
    private const int Number = 2;

    // Started without one, this process may have any other file as its descriptor 2; the runtime's close on exec.
    private static readonly bool IsThere = fcntl(Number, F_GETFD) == 0;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="SystemCallException">Nobody can read it any more (EPIPE), or the device behind it failed.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (IsThere && buffer.Length > 0)
        {
            fixed (byte* bytes = buffer)
            {
                nint written = (nint)write(Number, bytes, buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                }
                else if (Errno.Last == EAGAIN)
                {
                    WaitForRoom(); // whoever shares the description has made it non-blocking
                }
                else if (Errno.Last != EINTR)
                {
                    throw new SystemCallException("write(standard error)", Errno.Last);
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static void WaitForRoom()
    {
        pollfd descriptor = new() { fd = Number, events = POLLOUT };
        if (poll(&descriptor, 1, -1) < 0 && Errno.Last != EINTR)
        {
            throw new SystemCallException("poll(standard error)", Errno.Last);
        }
    }
}
