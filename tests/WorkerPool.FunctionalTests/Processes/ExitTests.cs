using WorkerPool.Interop;
using WorkerPool.Processes;
using Xunit;
using Process = System.Diagnostics.Process;

namespace WorkerPool.FunctionalTests.Processes;

public sealed class ExitTests
{
    private const int SIGSEGV = 11;
    private const int SIGSTOP = 19;

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 7", 7, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("kill -KILL $$", null, SignalNames.SIGKILL)]
    [InlineData("ulimit -c 0; kill -SEGV $$", null, SIGSEGV)]
    [InlineData("kill -RTMIN $$", null, 34)]
    public async Task The_exit_status_tells_code_or_signal(string script, int? code, int? signal)
    {
        await using Child child = Child.Shell(script);
        Assert.Equal(new ExitStatus(code, signal), await child.EndAsync());
    }

    [Fact]
    public async Task A_signal_reaches_the_child_until_it_has_ended()
    {
        await using Child child = Child.Start(Release.Create("sleep", ["1000"]));
        Assert.False(child.Process.Exited.IsCompleted);
        Assert.True(child.Process.Signal(SignalNames.SIGTERM));
        Assert.Equal(new ExitStatus(null, SignalNames.SIGTERM), await child.EndAsync());
        Assert.False(child.Process.Signal(SignalNames.SIGTERM));
    }

    [Fact]
    public async Task A_signal_that_does_not_exist_is_an_error()
    {
        await using Child child = Child.Start(Release.Create("sleep", ["1000"]));
        SystemCallException error = Assert.Throws<SystemCallException>(() => child.Process.Signal(99));
        Assert.Equal("EINVAL", error.ErrorName);
    }

    [Fact]
    public async Task A_stopped_child_has_not_ended()
    {
        await using Child child = Child.Shell("echo ready >&2; kill -STOP $$; exit 5");
        await child.SaysAsync("ready");
        Assert.True(child.Process.Signal(SIGSTOP));
        Assert.False(child.Process.Exited.IsCompleted);
        Assert.True(child.Process.Signal(SignalNames.SIGKILL));
        Assert.Equal(SignalNames.SIGKILL, (await child.EndAsync()).Signal);
    }

    [Fact]
    public async Task Disposing_before_the_end_cancels_the_wait()
    {
        using TestPipe pipe = new();
        ChildProcess child = Spawner.Spawn(new SpawnRequest
        {
            Release = Child.ShellRelease("read x <&3"),
            Descriptors = [pipe.ReadEnd],
        });
        child.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => child.Exited.WaitAsync(Child.Deadline));
        Assert.Throws<ObjectDisposedException>(() => child.Signal(SignalNames.SIGTERM));
        pipe.Release();
        using ChildProcess again = ChildProcess.Adopt(child.Id, TimeProvider.System);
        Assert.Equal(1, (await again.Exited.WaitAsync(Child.Deadline)).Code);
    }

    [Fact]
    public async Task A_process_that_is_not_our_child_is_watched_too()
    {
        using TestPipe pipe = new();
        await using Child parent = Child.Shell("{ read x <&3; exit 9; } & echo \"child $!.\" >&2; wait $!; exit 4", pipe.ReadEnd);
        await parent.SaysAsync(".");
        int id = int.Parse(parent.Output.Split(' ', '.')[1]);
        using ChildProcess grandchild = ChildProcess.Adopt(id, TimeProvider.System);
        Assert.False(grandchild.Exited.IsCompleted);
        pipe.Release();
        Assert.Equal(Remembered(9), await grandchild.Exited.WaitAsync(Child.Deadline));
        Assert.Equal(4, (await parent.EndAsync()).Code);
    }

    [Fact]
    public void A_child_that_somebody_else_collected_is_remembered_by_the_kernel()
    {
        using TestPipe pipe = new();
        using ChildProcess child = Spawner.Spawn(new SpawnRequest
        {
            Release = Child.ShellRelease("read x <&3; exit 9"),
            Descriptors = [pipe.ReadEnd],
        });
        using Descriptor pidfd = new(SystemCall.Check(Libc.pidfd_open(child.Id, 0), "pidfd_open"));
        child.Dispose();
        if (KernelRemembers)
        {
            Assert.False(ExitCollector.TryRecall(pidfd.Number, out _));
        }

        pipe.Release();
        Collect(child.Id);
        Assert.Equal(ExitCollector.Collection.Elsewhere, ExitCollector.Collect(pidfd.Number, out _));
        Assert.True(ExitCollector.TryRecall(pidfd.Number, out ExitStatus status));
        Assert.Equal(Remembered(9), status);
    }

    [Fact]
    public async Task A_process_that_is_gone_altogether_has_an_unknown_status()
    {
        await using Child child = Child.Shell("exit 3");
        await child.EndAsync();
        using ChildProcess gone = ChildProcess.Adopt(child.Process.Id, TimeProvider.System);
        Assert.Equal(ExitStatus.Unknown, await gone.Exited);
        Assert.False(gone.Signal(SignalNames.SIGTERM));
    }

    [Fact]
    public async Task Children_of_the_host_and_ours_do_not_disturb_each_other()
    {
        Task<int>[] hosts = [.. Enumerable.Range(0, 60).Select(i => Task.Run(() => HostChildAsync(i)))];
        Task<int>[] ours = [.. Enumerable.Range(100, 60).Select(i => Task.Run(() => OurChildAsync(i)))];
        Assert.Equal(Enumerable.Range(0, 60), await Task.WhenAll(hosts));
        Assert.Equal(Enumerable.Range(100, 60), await Task.WhenAll(ours));
    }

    private static async Task<int> HostChildAsync(int code)
    {
        using Process process = Process.Start("/bin/sh", ["-c", $"exit {code}"]);
        await process.WaitForExitAsync().WaitAsync(Child.Deadline);
        return process.ExitCode;
    }

    private static async Task<int> OurChildAsync(int code)
    {
        await using Child child = Child.Shell($"exit {code}");
        return (await child.EndAsync()).Code ?? -1;
    }

    private static unsafe void Collect(int id)
    {
        Libc.siginfo_t info;
        SystemCall.Check(Libc.waitid(Libc.P_PID, id, &info, Libc.WEXITED), "waitid");
    }

    internal static bool KernelRemembers => Environment.OSVersion.Version >= new Version(6, 15);

    internal static ExitStatus Remembered(int code) => KernelRemembers ? new ExitStatus(code, null) : ExitStatus.Unknown;
}
