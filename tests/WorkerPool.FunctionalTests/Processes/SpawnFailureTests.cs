using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

[Collection(SerialTests.Name)]
public sealed class SpawnFailureTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("workerpool-").FullName;

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public void A_deleted_file_is_ENOENT()
    {
        Release release = Script("#!/bin/sh");
        File.Delete(release.Executable);
        AssertFails(release, "ENOENT", "does not exist any more");
    }

    [Fact]
    public void A_deleted_working_directory_is_ENOENT()
    {
        Release release = Release.Create("sleep", ["1"], workingDirectory: _directory);
        Directory.Delete(_directory);
        AssertFails(release, "ENOENT", $"working directory {_directory}");
    }

    [Fact]
    public void A_missing_interpreter_is_ENOENT() =>
        AssertFails(Script("#!/nowhere/interpreter"), "ENOENT", "interpreter");

    [Fact]
    public void A_file_that_lost_its_execute_bit_is_EACCES()
    {
        Release release = Script("#!/bin/sh");
        File.SetUnixFileMode(release.Executable, UnixFileMode.UserRead);
        AssertFails(release, "EACCES", "chmod +x");
    }

    [Fact]
    public void A_text_file_is_ENOEXEC() => AssertFails(Script("just text"), "ENOEXEC", "#!");

    [Fact]
    public void A_file_that_is_being_written_is_ETXTBSY()
    {
        Release release = Script("#!/bin/sh");
        using FileStream writer = File.OpenWrite(release.Executable);
        AssertFails(release, "ETXTBSY", "writes to the file");
    }

    [Fact]
    public void Too_long_an_argument_is_E2BIG() =>
        AssertFails(Release.Create("sleep", [new string('x', 5_000_000)]), "E2BIG", "too long");

    [Fact]
    public void Failures_leak_no_descriptor()
    {
        Release release = Script("just text");
        using TestPipe pipe = new();
        for (int i = 0; i < 200; i++)
        {
            Assert.Throws<SystemCallException>(() => Spawner.Spawn(new SpawnRequest
            {
                Release = release,
                Descriptors = [.. Enumerable.Repeat(pipe.ReadEnd, 300)],
                StandardError = pipe.WriteEnd,
            }));
        }

        int number = pipe.ReadEnd.Number;
        string link = new FileInfo($"/proc/self/fd/{number}").LinkTarget!;
        Assert.Equal(2, Directory.EnumerateFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == link));

        // Nor is a handle held: it would not close.
        pipe.Dispose();
        Assert.DoesNotContain(Directory.EnumerateFiles("/proc/self/fd"), path => new FileInfo(path).LinkTarget == link);
    }

    [Fact]
    public async Task A_switched_link_does_not_change_what_a_release_starts()
    {
        Write("v1/app", "#!/bin/sh\nexit 1");
        Write("v2/app", "#!/bin/sh\nexit 2");
        string link = Path.Combine(_directory, "current");
        File.CreateSymbolicLink(link, "v1");
        Release release = Release.Create(Path.Combine(link, "app"));
        File.Delete(link);
        File.CreateSymbolicLink(link, "v2");
        await using Child old = Child.Start(release);
        await using Child refreshed = Child.Start(release.Refresh());
        Assert.Equal(1, (await old.EndAsync()).Code);
        Assert.Equal(2, (await refreshed.EndAsync()).Code);
    }

    private static void AssertFails(Release release, string errorName, string advice)
    {
        SystemCallException error = Assert.Throws<SystemCallException>(
            () => Spawner.Spawn(new SpawnRequest { Release = release }));
        Assert.Equal(errorName, error.ErrorName);
        Assert.Equal($"posix_spawn({release.Executable})", error.Call);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    private Release Script(string content) => Release.Create(Write("app", content));

    private string Write(string name, string content)
    {
        string path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return path;
    }
}
