using System.Diagnostics;
using System.Text;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;
using static WorkerPool.Interop.Libc;

namespace WorkerPool.Sockets;

/// <summary>
/// Holds flock(2) on a directory, so that of all masters only one at a time looks at a socket file, removes it and
/// makes its own. The kernel frees it when the process ends, however it ends.
/// </summary>
internal sealed unsafe class DirectoryLock : Descriptor
{
    private const int RetryMilliseconds = 10;

    // The holder needs microseconds; whoever holds it longer is not one of us.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private DirectoryLock(int number)
        : base(number)
    {
    }

    /// <exception cref="SystemCallException">The directory cannot be opened, or stays locked for 5 s.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        DirectoryLock descriptor = new(Open(directory));
        try
        {
            descriptor.Lock(directory);
            return descriptor;
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    private static int Open(string directory)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            int number;
            do
            {
                number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
            }
            while (number < 0 && Errno.Last == EINTR);
            return SystemCall.Check(number, $"open({directory})", "The directory of a socket file must exist, and this user must be allowed to read it.");
        }
    }

    // Not flock's own wait: a stranger who holds the lock for ever would make the pool hang without a word.
    private void Lock(string directory)
    {
        long start = Stopwatch.GetTimestamp();
        while (flock(Number, LOCK_EX | LOCK_NB) < 0)
        {
            bool held = Errno.Last == EAGAIN || Errno.Last == EINTR;
            if (!held || Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new SystemCallException($"flock({directory})", Errno.Last,
                    held ? "Another process keeps the directory locked; see \"lslocks\"." : null);
            }

            _ = poll(null, 0, RetryMilliseconds);
        }
    }
}
