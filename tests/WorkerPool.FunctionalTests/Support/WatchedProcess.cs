using System.Runtime.InteropServices;
using WorkerPool.Processes;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Sees the end of processes that are not children of this one, and of those that lose their parent.</summary>
internal sealed partial class WatchedProcess : IDisposable
{
    private const int PR_SET_CHILD_SUBREAPER = 36;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly ChildProcess _process;

    private WatchedProcess(int id) => _process = ChildProcess.Adopt(id, TimeProvider.System);

    public int Id => _process.Id;

    public bool IsGone => _process.Exited.IsCompleted;

    public static WatchedProcess[] Watch(IEnumerable<int> ids) => [.. ids.Select(id => new WatchedProcess(id))];

    /// <summary>From now on processes that lose their parent become children of this one, so that it sees how they end.</summary>
    public static void AdoptOrphans(bool adopt) => Assert.Equal(0, prctl(PR_SET_CHILD_SUBREAPER, adopt ? 1 : 0, 0, 0, 0));

    public Task<ExitStatus> ExitAsync() => _process.Exited.WaitAsync(Patience);

    public void Signal(int signal) => _process.Signal(signal);

    public void Dispose()
    {
        if (!IsGone)
        {
            _process.Signal(SIGKILL);
        }

        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint a, nint b, nint c, nint d);
}
