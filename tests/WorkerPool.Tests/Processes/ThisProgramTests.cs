using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class ThisProgramTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _app;
    private readonly string _program;
    private readonly string _dotnet;

    public ThisProgramTests()
    {
        _app = _directory.AddFile("v1/app", executable: true);
        _program = _directory.AddFile("v1/app.dll");
        _dotnet = _directory.AddFile("sdk/dotnet", executable: true);
        _directory.AddFile("v2/app", executable: true);
        _directory.AddFile("v2/app.dll");
        _directory.Link("current", "v1");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_executable_of_its_own_keeps_its_arguments()
    {
        ThisProgram found = Find(_app, [_app, "a", "b.dll"], [_program, "a", "b.dll"]);
        Assert.Equal(_app, found.Files.Executable);
        Assert.Equal(["a", "b.dll"], found.Files.Arguments);
        Assert.Null(found.Source.ProgramArgument);
    }

    [Fact]
    public void Arguments_of_ones_own_replace_those_of_this_process()
    {
        ThisProgram found = Find(_app, [_app, "a", "b"], [_program, "a", "b"], ["c"]);
        Assert.Equal(["c"], found.Files.Arguments);
    }

    [Fact]
    public void A_program_that_dotnet_runs_comes_before_its_arguments()
    {
        ThisProgram found = Find(_dotnet, ["dotnet", "v1/app.dll", "a"], [_program, "a"]);
        Assert.Equal(_dotnet, found.Files.Executable);
        Assert.Equal([_program, "a"], found.Files.Arguments);
        Assert.Equal(0, found.Source.ProgramArgument);
    }

    [Fact]
    public void Options_of_dotnet_exec_are_kept()
    {
        ThisProgram found = Find(
            _dotnet, ["dotnet", "exec", "--roll-forward", "Major", "current/app.dll", "a", "b"], [_program, "a", "b"], ["c"]);
        Assert.Equal(["exec", "--roll-forward", "Major", _program, "c"], found.Files.Arguments);
    }

    [Fact]
    public void Links_are_remembered_by_name()
    {
        ThisProgram found = Find(_app, [_directory.Combine("current/app")], [_program]);
        Assert.Equal(_app, found.Files.Executable);
        _directory.Link("current", "v2");
        Assert.Equal(_directory.Combine("v2/app"), found.Source.Resolve().Executable);
    }

    [Fact]
    public void Links_that_were_switched_since_the_start_do_not_change_what_runs()
    {
        _directory.Link("current", "v2");
        ThisProgram found = Find(_dotnet, ["dotnet", _directory.Combine("current/app.dll")], [_program]);
        Assert.Equal([_program], found.Files.Arguments);
        Assert.Equal([_directory.Combine("v2/app.dll")], found.Source.Resolve().Arguments);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-login")]
    [InlineData("/usr/bin/other")]
    [InlineData("v2/app")]
    public void A_claimed_name_that_leads_elsewhere_is_not_believed(string claimed)
    {
        ThisProgram found = Find(_app, [claimed], [_program]);
        Assert.Equal(_app, found.Source.Executable);
    }

    private ThisProgram Find(string executable, string[] raw, string[] managed, string[]? own = null) =>
        ThisProgram.From(executable, raw, managed, own, _directory.Path);
}
