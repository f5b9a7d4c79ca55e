using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>A pipe of a test. A child that reads from it waits until <see cref="Release"/>.</summary>
internal sealed unsafe class TestPipe : IDisposable
{
    public TestPipe()
    {
        int* ends = stackalloc int[2];
        SystemCall.Check(pipe2(ends, O_CLOEXEC), "pipe2");
        ReadEnd = new Descriptor(ends[0]);
        WriteEnd = new Descriptor(ends[1]);
    }

    public Descriptor ReadEnd { get; }

    public Descriptor WriteEnd { get; }

    public void Release() => WriteEnd.Dispose();

    public void Dispose()
    {
        ReadEnd.Dispose();
        WriteEnd.Dispose();
    }
}
