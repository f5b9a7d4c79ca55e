using System.Text;
using WorkerPool.Interop;
using WorkerPool.Processes;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>A real child of a test, its standard error relayed into a string. Disposing ends it and all that it started.</summary>
internal sealed class Child : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RecordingStream _output = new();
    private readonly ErrorRelay _relay;

    private Child(SpawnRequest request)
    {
        _relay = new ErrorRelay(Failures.Add, _output);
        Process = Spawner.Spawn(request with { StandardError = _relay.WriteEnd });
        _relay.CloseWriteEnd();
    }

    public ChildProcess Process { get; }

    public List<Exception> Failures { get; } = [];

    public string Output => _output.Text;

    public IReadOnlyList<string> Tail => _relay.Tail;

    public static Child Start(SpawnRequest request) => new(request);

    public static Child Start(Release release) => new(new SpawnRequest { Release = release });

    /// <summary>Starts a shell with a script.</summary>
    public static Child Shell(string script, params Descriptor[] descriptors) =>
        new(new SpawnRequest { Release = ShellRelease(script), Descriptors = descriptors });

    public static Release ShellRelease(string script) => Release.Create("/bin/sh", ["-c", script]);

    /// <summary>Waits for the end of the child and of its relay.</summary>
    public async Task<ExitStatus> EndAsync()
    {
        ExitStatus status = await Process.Exited.WaitAsync(Deadline);
        await _relay.CompleteAsync(Deadline, TimeProvider.System);
        return status;
    }

    /// <summary>Waits until the output contains a text.</summary>
    public Task SaysAsync(string text) => _output.ContainsAsync(text).WaitAsync(Deadline);

    public async ValueTask DisposeAsync()
    {
        // Its own group: with what it left behind.
        _ = kill(-Process.Id, SIGKILL);
        await Process.Exited.WaitAsync(Deadline);
        await _relay.DisposeAsync();
        Process.Dispose();
    }

    /// <summary>A stream that remembers, and tells when it has seen a text.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        private readonly Lock _gate = new();
        private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public Task ContainsAsync(string text)
        {
            lock (_gate)
            {
                TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _awaited.Add((text, seen));
                Tell();
                return seen.Task;
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                Write(buffer.Span);
                Tell();
            }

            return ValueTask.CompletedTask;
        }

        private void Tell()
        {
            string all = Encoding.UTF8.GetString(ToArray());
            _awaited.RemoveAll(awaited => all.Contains(awaited.Text, StringComparison.Ordinal) && awaited.Seen.TrySetResult());
        }
    }
}
