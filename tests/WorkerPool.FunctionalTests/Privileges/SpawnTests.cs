using WorkerPool.FunctionalTests.Processes;
using WorkerPool.Interop;
using WorkerPool.Processes;
using WorkerPool.Processes.Privileges;
using Xunit;

namespace WorkerPool.FunctionalTests.Privileges;

/// <summary>Children that have something else than this process, and this process, which keeps what it has.</summary>
[Collection(SerialTests.Name)]
public sealed class SpawnTests
{
    private static readonly ChildSettings Everything = new()
    {
        User = new ChildUser(65534, 65534, [65534, 20]) { Wanted = "a test" },
        Umask = 0x17, // 027
        NoNewPrivileges = true,
        Nice = 7,
        Processors = [0],
        Limits = [new(ResourceLimit.OpenFiles, 77), new(ResourceLimit.CoreDump, 0), new(ResourceLimit.Processes, 5000)],
    };

    private const string Say = "ulimit -n; umask; ulimit -c; cat /proc/self/status; cat /proc/self/stat";

    [Fact]
    public async Task A_child_has_all_that_it_was_given_from_its_first_instruction()
    {
        Root.Require();
        for (int i = 0; i < 20; i++)
        {
            await using Child child = Child.Start(new SpawnRequest { Release = Child.ShellRelease($"({Say}) >&2"), Settings = Everything });
            Assert.Equal(0, (await child.EndAsync()).Code);
            string[] lines = child.Output.Split('\n');
            Assert.Equal(["77", "0027", "0"], lines[..3]);
            Assert.Contains("Uid:\t65534\t65534\t65534\t65534", lines);
            Assert.Contains("Gid:\t65534\t65534\t65534\t65534", lines);
            Assert.Contains("Groups:\t20 65534 ", lines);
            Assert.Contains("CapEff:\t0000000000000000", lines);
            Assert.Contains("CapPrm:\t0000000000000000", lines);
            Assert.Contains("NoNewPrivs:\t1", lines);
            Assert.Contains("Cpus_allowed_list:\t0", lines);
            Assert.Equal("7", lines[^2].Split(") ")[^1].Split(' ')[16]);
        }
    }

    [Fact]
    public async Task A_hundred_such_children_change_nothing_in_this_process()
    {
        Root.Require();
        await SpawnSomeAsync(); // what is made once is there
        string before = Describe();
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;
        int dumpable = Libc.prctl(Libc.PR_GET_DUMPABLE, 0, 0, 0, 0);
        Assert.Equal(1, dumpable);
        using CancellationTokenSource ending = new();
        Task<int> watching = Task.Run(() => WatchAsync(before, ending.Token));
        for (int i = 0; i < 25; i++)
        {
            await SpawnSomeAsync();
        }

        await ending.CancelAsync();
        Assert.True(await watching > 10);
        Assert.Equal(before, Describe());
        Assert.Equal(dumpable, Libc.prctl(Libc.PR_GET_DUMPABLE, 0, 0, 0, 0));
        Assert.Equal(descriptors, Directory.GetFiles("/proc/self/fd").Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failed_start_is_told_as_ever(bool limits)
    {
        Root.Require();
        ChildSettings settings = Everything with { Limits = limits ? Everything.Limits : [] };
        string file = Path.Combine(Directory.CreateTempSubdirectory("workerpool-").FullName, "app");
        File.WriteAllText(file, "#!/bin/sh\nexit 0\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            SystemCallException error = Assert.Throws<SystemCallException>(() => Spawner.Spawn(new SpawnRequest { Release = Release.Create(file), Settings = settings }));
            Assert.Equal("EACCES", error.ErrorName);
            Assert.Contains("a test, so that user must be able to reach and execute it", error.Message, StringComparison.Ordinal);
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
        finally
        {
            if (File.Exists(file))
            {
                Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
            }
        }
    }

    [Fact]
    public void A_child_that_cannot_be_confined_never_runs()
    {
        string directory = Directory.CreateTempSubdirectory("workerpool-").FullName;
        ChildSettings settings = new() { Cgroup = Path.Combine(directory, "not-there") };
        for (int i = 0; i < 20; i++)
        {
            IOException error = Assert.Throws<IOException>(() => Spawner.Spawn(new SpawnRequest
            {
                Release = Child.ShellRelease($"touch {directory}/ran; sleep 1000"),
                Settings = settings,
            }));
            Assert.Contains("not-there/cgroup.procs", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(directory));
        Directory.Delete(directory);
    }

    [Fact]
    public void What_is_not_permitted_is_said_with_the_option()
    {
        SystemCallException error = Assert.Throws<SystemCallException>(
            () => Spawner.Rehearse(new ChildSettings { Processors = [ProcessorSet.MaxCount - 1] }));
        Assert.Contains("Processes.Processors is 8191", error.Message, StringComparison.Ordinal);
        ArgumentException partly = Assert.Throws<ArgumentException>(() => Spawner.Rehearse(new ChildSettings { Processors = [0, ProcessorSet.MaxCount - 1] }));
        Assert.Contains("Processes.Processors has 8191", partly.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rehearsal_runs_nothing_and_leaves_nothing()
    {
        Root.Require();
        int descriptors = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 20; i++)
        {
            Spawner.Rehearse(Everything);
        }

        Assert.Equal(descriptors, Directory.GetFiles("/proc/self/fd").Length);
    }

    private static Task SpawnSomeAsync() => Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
    {
        await using Child child = Child.Start(new SpawnRequest { Release = Child.ShellRelease("exit 3"), Settings = Everything });
        Assert.Equal(3, (await child.EndAsync()).Code);
    })));

    private static async Task<int> WatchAsync(string expected, CancellationToken ending)
    {
        int looks = 0;
        for (; !ending.IsCancellationRequested; looks++)
        {
            Assert.Equal(expected, Describe());
            await Task.Yield();
        }

        return looks;
    }

    /// <summary>The different kinds of threads, but for those that spawn.</summary>
    private static string Describe() => string.Join('\n', ProcessRecord.ThreadsOf(Environment.ProcessId)
        .Where(thread => !thread.Name.StartsWith("wp-", StringComparison.Ordinal) && thread.Name.Length > 0)
        .Select(thread => $"{thread.Users} {thread.GroupIds} {thread.Groups} {thread.Capabilities} {thread.Umask} {thread.NoNewPrivileges} {thread.Processors}")
        .Distinct());
}
