using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

public sealed class ThisProgramTests
{
    private static readonly string Program = typeof(ThisProgramTests).Assembly.Location;
    private static readonly string Directory = Path.GetDirectoryName(Program)!;

    [Fact]
    public Task An_executable_of_its_own() =>
        AssertSaysAsync(Release.Create(Path.ChangeExtension(Program, null), ["a", "b.dll", ""]), ["a", "b.dll", ""]);

    [Fact]
    public Task Run_by_dotnet() =>
        AssertSaysAsync(Release.Create("dotnet", [Program, "a", "b.dll"]), [Program, "a", "b.dll"]);

    [Fact]
    public Task Run_by_dotnet_with_a_relative_path() =>
        AssertSaysAsync(
            // A shell between: a release would make the path absolute.
            Release.Create("/bin/sh", ["-c", $"exec dotnet ./{Path.GetFileName(Program)} a"], workingDirectory: Directory),
            [Program, "a"]);

    [Fact]
    public Task Run_by_dotnet_exec_with_options()
    {
        string configuration = Path.ChangeExtension(Program, ".runtimeconfig.json");
        string[] arguments = ["exec", "--runtimeconfig", configuration, Program, "a", "--", "b"];
        return AssertSaysAsync(Release.Create("dotnet", arguments), arguments);
    }

    [Fact]
    public async Task What_it_says_starts_the_same_again()
    {
        Release release = Release.Current("again", ["x"]).WithEnvironment(ThisProgramMode.Variable, ThisProgramMode.Say);
        await AssertSaysAsync(release, [.. release.Arguments]);
    }

    private static async Task AssertSaysAsync(Release release, string[] arguments)
    {
        await using Child child = Child.Start(release.WithEnvironment(ThisProgramMode.Variable, ThisProgramMode.Say));
        ExitStatus status = await child.EndAsync();
        Assert.True(status.Code == 42, $"{status}: {child.Output}");
        string[] said = child.Output[..^1].Split('\n');
        string executable = arguments.Contains(Program) ? "dotnet" : Path.GetFileNameWithoutExtension(Program);
        Assert.Equal(executable, Path.GetFileName(said[0]));
        Assert.Equal(arguments, said[1..]);
    }
}
