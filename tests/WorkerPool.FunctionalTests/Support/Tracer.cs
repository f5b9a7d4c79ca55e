using System.Runtime.InteropServices;
using WorkerPool.Interop;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Traces a process, as a debugger does; ptrace(2) binds that to a thread.</summary>
internal sealed partial class Tracer : IDisposable
{
    private const nint PTRACE_SEIZE = 0x4206;

    private readonly ManualResetEventSlim _over = new();
    private readonly ManualResetEventSlim _attached = new();
    private readonly Thread _thread;
    private Exception? _failure;

    private Tracer(int process) => _thread = new Thread(() => Trace(process));

    /// <summary>The thread, as the kernel calls it.</summary>
    public int ThreadId { get; private set; }

    public static Tracer Attach(int process)
    {
        Tracer tracer = new(process);
        tracer._thread.Start();
        tracer._attached.Wait();
        return tracer._failure is null ? tracer : throw new InvalidOperationException("The process cannot be traced.", tracer._failure);
    }

    /// <summary>The end of the thread is the end of the tracing.</summary>
    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
        _attached.Dispose();
    }

    private void Trace(int process)
    {
        try
        {
            ThreadId = gettid();
            if (ptrace(PTRACE_SEIZE, process, 0, 0) != 0)
            {
                throw new SystemCallException("ptrace(PTRACE_SEIZE)", Errno.Last);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }

        _attached.Set();
        if (_failure is null)
        {
            _over.Wait();
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int gettid();

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial nint ptrace(nint request, int process, nint address, nint data);
}
