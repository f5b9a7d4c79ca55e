using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

public sealed class ErrorRelayTests
{
    private const string WriteOneMegabyte = "i=0; while [ $i -lt 1024 ]; do printf '%01023d\\n' $i >&2; i=$((i+1)); done; echo end >&2";

    [Fact]
    public async Task Everything_is_copied_and_the_last_lines_are_kept()
    {
        await using Child child = Child.Shell("i=1; while [ $i -le 25 ]; do echo line $i >&2; i=$((i+1)); done; exit 3");
        Assert.Equal(3, (await child.EndAsync()).Code);
        Assert.Equal(string.Concat(Enumerable.Range(1, 25).Select(i => $"line {i}\n")), child.Output);
        Assert.Equal(Enumerable.Range(6, 20).Select(i => $"line {i}"), child.Tail);
    }

    [Fact]
    public async Task The_very_last_bytes_before_the_exit_are_kept()
    {
        for (int i = 0; i < 50; i++)
        {
            await using Child child = Child.Shell("printf 'last words' >&2; kill -KILL $$");
            Assert.Equal(SignalNames.SIGKILL, (await child.EndAsync()).Signal);
            Assert.Equal(["last words"], child.Tail);
        }
    }

    [Fact]
    public async Task A_process_left_behind_with_the_pipe_open_delays_nothing()
    {
        await using ErrorRelay relay = new(Fail, Stream.Null);
        using ChildProcess child = Spawn("sleep 1000 & echo \"left $!\" >&2; exit 1", relay);
        Assert.Equal(1, (await child.Exited.WaitAsync(Child.Deadline)).Code);

        // With a bound that never comes.
        await relay.CompleteAsync(TimeSpan.FromHours(1), TimeProvider.System).WaitAsync(Child.Deadline);
        Assert.StartsWith("left ", Assert.Single(relay.Tail), StringComparison.Ordinal);
        KillGroup(child);
    }

    [Fact]
    public async Task A_process_left_behind_that_writes_for_ever_is_let_go_at_the_bound()
    {
        await using ErrorRelay relay = new(Fail, Stream.Null);
        using ChildProcess child = Spawn("while :; do echo flood; done >&2 & exit 1", relay);
        Assert.Equal(1, (await child.Exited.WaitAsync(Child.Deadline)).Code);
        await relay.CompleteAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System).WaitAsync(Child.Deadline);
        KillGroup(child);
    }

    [Fact]
    public async Task An_output_that_blocks_holds_only_its_own_worker()
    {
        await using GatedStream blocked = new();
        await using ErrorRelay held = new(Fail, blocked);
        using ChildProcess waiting = Spawn(WriteOneMegabyte, held);
        await blocked.Reached.WaitAsync(Child.Deadline);

        await using Child other = Child.Shell(WriteOneMegabyte);
        Assert.Equal(0, (await other.EndAsync()).Code);
        Assert.Equal("end", other.Tail[^1]);

        Assert.False(waiting.Exited.IsCompleted);
        blocked.Open();
        Assert.Equal(0, (await waiting.Exited.WaitAsync(Child.Deadline)).Code);
        await held.CompleteAsync(Child.Deadline, TimeProvider.System);
        Assert.Equal((1024 * 1024) + 4, blocked.Written);
        Assert.Equal("end", held.Tail[^1]);
    }

    [Fact]
    public async Task An_output_that_blocks_for_ever_is_let_go_at_the_bound()
    {
        await using GatedStream blocked = new();
        await using ErrorRelay relay = new(Fail, blocked);
        using ChildProcess child = Spawn("echo last >&2", relay);
        Assert.Equal(0, (await child.Exited.WaitAsync(Child.Deadline)).Code);
        await relay.CompleteAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System).WaitAsync(Child.Deadline);
        Assert.Equal(["last"], relay.Tail);
        blocked.Open();
    }

    [Fact]
    public async Task An_output_that_fails_is_told_once_and_does_not_hold_the_worker()
    {
        List<Exception> failures = [];
        await using ErrorRelay relay = new(failures.Add, new FailingStream());
        using ChildProcess child = Spawn(WriteOneMegabyte, relay);
        Assert.Equal(0, (await child.Exited.WaitAsync(Child.Deadline)).Code);
        await relay.CompleteAsync(Child.Deadline, TimeProvider.System);
        Assert.Equal("end", relay.Tail[^1]);
        Assert.Equal("nobody reads", Assert.IsType<IOException>(Assert.Single(failures)).Message);
    }

    [Fact]
    public async Task A_relay_whose_spawn_failed_closes_both_ends()
    {
        ErrorRelay relay = new(Fail, Stream.Null);
        string link = new FileInfo($"/proc/self/fd/{relay.WriteEnd.Number}").LinkTarget!;
        Assert.Equal(2, Directory.EnumerateFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == link));
        await relay.CompleteAsync(Child.Deadline, TimeProvider.System);
        await relay.DisposeAsync();
        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), path => new FileInfo(path).LinkTarget == link);
    }

    private static ChildProcess Spawn(string script, ErrorRelay relay)
    {
        ChildProcess child = Spawner.Spawn(new SpawnRequest
        {
            Release = Child.ShellRelease(script),
            StandardError = relay.WriteEnd,
        });
        relay.CloseWriteEnd();
        return child;
    }

    private static void KillGroup(ChildProcess child) => Assert.Equal(0, Tmds.Linux.LibC.kill(-child.Id, SignalNames.SIGKILL));

    private static void Fail(Exception failure) => Assert.Fail(failure.ToString());

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("nobody reads");
    }

    private sealed class GatedStream : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public int Written { get; private set; }

        public void Open() => _open.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            await _open.Task;
            Written += buffer.Length;
        }
    }
}
