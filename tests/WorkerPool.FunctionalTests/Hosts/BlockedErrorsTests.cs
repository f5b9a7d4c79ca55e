using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>A master whose own standard error blocks, because nobody reads it, or that was started without one.</summary>
[Collection("Pools")]
public sealed class BlockedErrorsTests : IDisposable
{
    private static readonly string WriteCall = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "64 " : "1 ";

    private readonly string _directory = Directory.CreateTempSubdirectory("worker-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Workers_that_flood_it_hold_one_thread_of_the_master_and_are_replaced_all_the_same()
    {
        string nobodyReads = Path.Combine(_directory, "errors");
        using (Process mkfifo = Process.Start("mkfifo", nobodyReads))
        {
            await mkfifo.WaitForExitAsync();
        }

        MasterProcess.Setup flooding = new("flood-errors") { WorkerCount = 8, DrainSeconds = 5 };
        await using MasterProcess master = await MasterProcess.UpAsync(flooding, "sh", "-c", $"exec \"$@\" 2<>'{nobodyReads}'", "sh");
        await Machine.UntilAsync(() => flooding.WorkerCount == master.Workers.Count(IsWriting), "all workers are blocked");

        Assert.Equal(1, ThreadsThatWrite(master.Id));
        for (int i = 0; i < 3; i++)
        {
            master.Signal(SIGHUP);
            Assert.Contains("is replaced", await master.SaysAsync("replaced: "), StringComparison.Ordinal);
        }

        using Client client = await master.ConnectAsync();
        await client.AskAsync();
        Assert.Equal(1, ThreadsThatWrite(master.Id));
    }

    [Fact]
    public async Task Without_one_what_workers_say_goes_nowhere_and_into_no_other_file()
    {
        MasterProcess.Setup flooding = new("flood-errors") { WorkerCount = 1, DrainSeconds = 5 };
        await using MasterProcess master = await MasterProcess.UpAsync(flooding, "sh", "-c", "exec \"$@\" 2>&-", "sh");
        for (int i = 0; i < 2; i++)
        {
            master.Signal(SIGHUP); // a signal comes through a pipe of the runtime's own, which must not be descriptor 2
            Assert.Contains("is replaced", await master.SaysAsync("replaced: "), StringComparison.Ordinal);
        }

        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }

    private static bool IsWriting(int process) => ThreadsThatWrite(process) > 0;

    // proc(5): the number of the system call that a thread waits in, and its arguments.
    private static int ThreadsThatWrite(int process) =>
        Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"))
            .Count(thread => ReadOrEmpty(thread + "/syscall").StartsWith(WriteCall, StringComparison.Ordinal));

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // the thread has just ended
        }
    }
}
