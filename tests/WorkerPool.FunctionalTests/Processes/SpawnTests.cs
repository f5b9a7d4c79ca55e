using WorkerPool.Interop;
using WorkerPool.Processes;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Processes;

public sealed class SpawnTests
{
    // The glob is expanded first; what the shell opened for it is gone when the links are looked at.
    private const string ListDescriptors =
        "for f in /proc/$$/fd/*; do if [ -L $f ]; then echo \"${f##*/} $(readlink $f)\" >&2; fi; done";

    [Fact]
    public async Task A_child_has_exactly_the_standard_streams_and_its_descriptors_in_order()
    {
        using TestPipe first = new();
        using TestPipe second = new();
        await using Child child = Child.Shell(ListDescriptors, second.WriteEnd, first.ReadEnd);
        Assert.Equal(0, (await child.EndAsync()).Code);
        string[] lines = child.Output.TrimEnd().Split('\n');
        Assert.Equal(
            ["0 /dev/null", $"1 {LinkOf(1)}", "3 " + LinkOf(second.WriteEnd), "4 " + LinkOf(first.ReadEnd)],
            lines.Where(line => !line.StartsWith("2 ", StringComparison.Ordinal)));
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public async Task Descriptors_whose_numbers_collide_with_their_targets_arrive_unharmed()
    {
        // So many that the numbers of most of them lie among the targets, and in the opposite order.
        Descriptor[] descriptors = [.. Enumerable.Range(0, 300).Select(MemoryFile).Reverse()];
        string[] expected = [.. descriptors.Select(LinkOf)];
        try
        {
            Assert.Contains(descriptors, descriptor => descriptor.Number < Spawner.FirstDescriptor + descriptors.Length);
            await using Child child = Child.Shell("exec ls -l /proc/self/fd >&2", descriptors);
            Assert.Equal(0, (await child.EndAsync()).Code);
            Dictionary<int, string> seen = child.Output.Split('\n')
                .Where(line => line.Contains(" -> ", StringComparison.Ordinal))
                .Select(line => line.Split(" -> "))
                .ToDictionary(parts => int.Parse(parts[0].Split(' ')[^1]), parts => parts[1]);
            Assert.Equal(expected, Enumerable.Range(Spawner.FirstDescriptor, expected.Length).Select(number => seen[number]));

            // Besides, only the directory that is being listed.
            Assert.Equal(Spawner.FirstDescriptor + expected.Length + 1, seen.Count);
        }
        finally
        {
            Array.ForEach(descriptors, descriptor => descriptor.Dispose());
        }
    }

    [Fact]
    public async Task Standard_error_may_be_a_number_among_the_targets_too()
    {
        Descriptor[] descriptors = [.. Enumerable.Range(0, 300).Select(MemoryFile)];
        try
        {
            string expected = LinkOf(descriptors[0]);
            using ChildProcess child = Spawner.Spawn(new SpawnRequest
            {
                Release = Child.ShellRelease("readlink /proc/$$/fd/2 >&2"),
                Descriptors = descriptors,
                StandardError = descriptors[0],
            });
            Assert.Equal(0, (await child.Exited.WaitAsync(Child.Deadline)).Code);
            Assert.Equal(expected, File.ReadAllText($"/proc/self/fd/{descriptors[0].Number}").TrimEnd());
        }
        finally
        {
            Array.ForEach(descriptors, descriptor => descriptor.Dispose());
        }
    }

    [Fact]
    public async Task A_stream_that_the_master_was_started_without_is_dev_null()
    {
        string program = Path.ChangeExtension(typeof(SpawnTests).Assembly.Location, null);
        Release release = Release.Create("/bin/sh", ["-c", "exec \"$0\" \"$1\" >&- <&-", program, ListDescriptors])
            .WithEnvironment(ThisProgramMode.Variable, ThisProgramMode.Spawn);
        await using Child child = Child.Start(release);
        Assert.Equal(42, (await child.EndAsync()).Code);
        string[] lines = child.Output.TrimEnd().Split('\n');
        Assert.Equal(["0 /dev/null", "1 /dev/null"], lines[..2]);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task Descriptors_and_standard_error_stay_the_callers()
    {
        using TestPipe pipe = new();
        await using Child child = Child.Shell("exit 0", pipe.ReadEnd, pipe.ReadEnd);
        Assert.Equal(0, (await child.EndAsync()).Code);
        Assert.True(fcntl(pipe.ReadEnd.Number, F_GETFD) >= 0);
    }

    [Fact]
    public async Task No_signal_is_ignored_blocked_or_caught_in_a_child()
    {
        Assert.DoesNotContain("\nSigIgn:\t0000000000000000\n", File.ReadAllText("/proc/self/status"), StringComparison.Ordinal);
        await using Child child = Child.Shell("exec cat /proc/self/status >&2");
        Assert.Equal(0, (await child.EndAsync()).Code);
        Assert.All(
            ["SigIgn", "SigBlk", "SigCgt"],
            field => Assert.Contains($"\n{field}:\t0000000000000000\n", child.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_child_leads_its_own_process_group()
    {
        await using Child child = Child.Start(Release.Create("sleep", ["1000"]));
        Assert.Equal(child.Process.Id, (int)getpgid(child.Process.Id));
        Assert.NotEqual(child.Process.Id, (int)getpgrp());
    }

    [Fact]
    public async Task A_child_runs_in_the_working_directory_of_its_release()
    {
        await using Child child = Child.Start(
            Release.Create("/bin/sh", ["-c", "readlink /proc/$$/cwd >&2"], workingDirectory: "/proc/sys"));
        Assert.Equal(0, (await child.EndAsync()).Code);
        Assert.Equal("/proc/sys\n", child.Output);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        const string Script = "cat /proc/$$/cmdline >&2; exit 0";
        string[] arguments = ["-c", Script, "", " ", "ä€😀", "--", "a\nb", "$HOME"];
        await using Child child = Child.Start(Release.Create("/bin/sh", arguments));
        Assert.Equal(0, (await child.EndAsync()).Code);
        Assert.Equal(["/bin/sh", .. arguments, ""], child.Output.Split('\0'));
    }

    [Fact]
    public async Task The_environment_is_the_masters_less_its_own_then_the_releases_then_the_librarys()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "@master");
        Environment.SetEnvironmentVariable("LISTEN_FDS", "7");
        Environment.SetEnvironmentVariable("WORKERPOOL_STALE", "x");
        Environment.SetEnvironmentVariable("SPAWN_TEST_INHERITED", "ä€😀");
        Environment.SetEnvironmentVariable("SPAWN_TEST_REMOVED", "x");
        Release release = Release.Create("/bin/sh", ["-c", "cat /proc/$$/environ >&2; exit 0"], environment: new Dictionary<string, string?>
        {
            ["SPAWN_TEST_REMOVED"] = null,
            ["SPAWN_TEST_CHANGED"] = "release",
            ["SPAWN_TEST_OWN"] = "release",
        });
        await using Child child = Child.Start(new SpawnRequest
        {
            Release = release,
            Environment = new Dictionary<string, string> { ["SPAWN_TEST_OWN"] = "own", ["WORKERPOOL_SLOT"] = "3" },
        });
        Assert.Equal(0, (await child.EndAsync()).Code);
        string[] seen = child.Output.Split('\0');
        Assert.Equal(
            ["SPAWN_TEST_CHANGED=release", "SPAWN_TEST_INHERITED=ä€😀", "SPAWN_TEST_OWN=own", "WORKERPOOL_SLOT=3"],
            seen.Where(IsOfTest).Order(StringComparer.Ordinal));
        Assert.Contains(seen, variable => variable.StartsWith("PATH=", StringComparison.Ordinal));

        static bool IsOfTest(string variable) =>
            variable.StartsWith("SPAWN_TEST_", StringComparison.Ordinal)
            || variable.StartsWith("WORKERPOOL_", StringComparison.Ordinal)
            || variable.StartsWith("NOTIFY_", StringComparison.Ordinal)
            || variable.StartsWith("LISTEN_", StringComparison.Ordinal);
    }

    private static string LinkOf(Descriptor descriptor) => LinkOf(descriptor.Number);

    private static string LinkOf(int number) => new FileInfo($"/proc/self/fd/{number}").LinkTarget!;

    private static unsafe Descriptor MemoryFile(int index)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes($"file-{index}\0"))
        {
            return new Descriptor(SystemCall.Check(memfd_create(name, MFD_CLOEXEC), "memfd_create"));
        }
    }
}
