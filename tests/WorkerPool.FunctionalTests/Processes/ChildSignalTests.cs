using System.Runtime.InteropServices;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Processes;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Processes;

[Collection(SerialTests.Name)]
public sealed class ChildSignalTests : IDisposable
{
    private readonly sigaction _before = Present();

    public unsafe void Dispose()
    {
        sigaction before = _before;
        Exchange(&before);
    }

    [Fact]
    public unsafe void An_ignored_SIGCHLD_becomes_default()
    {
        Ignore();
        Assert.True(ChildSignal.RestoreDefault());
        Assert.True(Exchange(null).sa_handler == SIG_DFL);
        Assert.False(ChildSignal.RestoreDefault());
    }

    [Fact]
    public unsafe void A_handler_is_left_alone()
    {
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => { });
        void* handler = Exchange(null).sa_handler;
        Assert.True(handler != SIG_DFL && handler != SIG_IGN);
        Assert.False(ChildSignal.RestoreDefault());
        Assert.True(Exchange(null).sa_handler == handler);
    }

    [Fact]
    public async Task Exits_are_seen_even_while_it_is_ignored()
    {
        Ignore();
        using TestPipe pipe = new();
        using ChildProcess child = Spawner.Spawn(new SpawnRequest
        {
            Release = Child.ShellRelease("read x <&3; exit 9"),
            Descriptors = [pipe.ReadEnd],
        });
        pipe.Release();
        Assert.Equal(ExitTests.Remembered(9), await child.Exited.WaitAsync(Child.Deadline));
    }

    private static unsafe sigaction Present() => Exchange(null);

    private static unsafe void Ignore()
    {
        sigaction ignore = default;
        ignore.sa_handler = SIG_IGN;
        Exchange(&ignore);
    }

    private static unsafe sigaction Exchange(sigaction* next)
    {
        sigaction before;
        SystemCall.Check(sigaction(SIGCHLD, next, &before), "sigaction");
        return before;
    }
}
