using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>A pipe whose read end is ours and never blocks; the write end is a child's, and blocks as programs expect.</summary>
internal sealed unsafe class ErrorPipe : IDisposable
{
    public ErrorPipe()
    {
        int* ends = stackalloc int[2];
        SystemCall.Check(
            pipe2(ends, O_CLOEXEC), "pipe2", "Each worker needs two descriptors for a moment: raise LimitNOFILE= or ulimit -n.");
        ReadEnd = new Descriptor(ends[0]);
        WriteEnd = new Descriptor(ends[1]);
        try
        {
            int flags = SystemCall.Check(fcntl(ends[0], F_GETFL), "fcntl(F_GETFL)");
            SystemCall.Check(fcntl(ends[0], F_SETFL, flags | O_NONBLOCK), "fcntl(F_SETFL, O_NONBLOCK)");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Descriptor ReadEnd { get; }

    public Descriptor WriteEnd { get; }

    /// <summary>Reads what is there. 0: no writer is left. -1: nothing is there now.</summary>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = (nint)read(ReadEnd.Number, start, buffer.Length);
            }
            while (count < 0 && Errno.Last == EINTR);

            if (count >= 0)
            {
                return (int)count;
            }

            return Errno.Last == EAGAIN ? -1 : throw new SystemCallException("read(standard error of a worker)", Errno.Last);
        }
    }

    public void Dispose()
    {
        ReadEnd.Dispose();
        WriteEnd.Dispose();
    }
}
