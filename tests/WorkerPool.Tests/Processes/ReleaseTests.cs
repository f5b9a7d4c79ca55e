using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _app;

    public ReleaseTests()
    {
        _app = _directory.AddFile("v1/app", executable: true);
        _directory.AddFile("v2/app", executable: true);
        _directory.Link("current", "v1");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Links_in_the_middle_of_a_path_are_resolved_once()
    {
        Release release = Release.Create(_directory.Combine("current/app"), workingDirectory: _directory.Combine("current"));
        _directory.Link("current", "v2");
        Assert.Equal(_app, release.Executable);
        Assert.Equal(_directory.Combine("v1"), release.WorkingDirectory);
        Assert.Equal(_app, release.WithLabel("x").Executable);
        Assert.Equal(_app, release.WithEnvironment("A", "b").Executable);
    }

    [Fact]
    public void Refresh_resolves_anew_and_leaves_the_first_as_it_is()
    {
        Release first = Release.Create(_directory.Combine("current/app"), workingDirectory: _directory.Combine("current"));
        _directory.Link("current", "v2");
        Release second = first.Refresh();
        Assert.Equal(_directory.Combine("v2/app"), second.Executable);
        Assert.Equal(_directory.Combine("v2"), second.WorkingDirectory);
        Assert.Equal(_app, first.Executable);
        Assert.Equal(("v1/app", "v2/app"), (first.Label, second.Label));
        _directory.Link("current", "v1");
        Assert.Equal(_app, second.Refresh().Executable);
    }

    [Fact]
    public void A_given_label_and_the_environment_survive_a_refresh()
    {
        Release release = Release.Create(_app, label: "one").WithEnvironment("A", "b").Refresh();
        Assert.Equal("one", release.Label);
        Assert.Equal("b", release.Environment["A"]);
    }

    [Fact]
    public void A_bare_name_is_looked_up_in_PATH()
    {
        Release release = Release.Create("sh", ["-c", "exit"]);
        Assert.Equal("/sh", release.Name[^3..]);
        Assert.True(Path.IsPathFullyQualified(release.Executable));
        Assert.Equal(["-c", "exit"], release.Arguments);
        Assert.Equal(Environment.CurrentDirectory, release.WorkingDirectory);
    }

    [Fact]
    public void The_program_of_dotnet_is_resolved_from_the_working_directory()
    {
        string dotnet = _directory.AddFile("sdk/dotnet", executable: true);
        string program = _directory.AddFile("v1/app.dll");
        string next = _directory.AddFile("v2/app.dll");
        Release release = Release.Create(dotnet, ["exec", "--x", "current/app.dll", "other.dll"], workingDirectory: _directory.Path);
        Assert.Equal(["exec", "--x", program, "other.dll"], release.Arguments);
        Assert.Equal("v1/app.dll", release.Label);
        _directory.Link("current", "v2");
        Assert.Equal(["exec", "--x", next, "other.dll"], release.Refresh().Arguments);
    }

    [Fact]
    public void A_program_of_dotnet_that_does_not_exist_is_an_error()
    {
        string dotnet = _directory.AddFile("sdk/dotnet", executable: true);
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Release.Create(dotnet, ["missing.dll"]));
        Assert.Contains("missing.dll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Later_changes_of_what_was_given_make_no_difference()
    {
        List<string> arguments = ["a"];
        Dictionary<string, string?> environment = new() { ["A"] = "b" };
        Release release = Release.Create(_app, arguments, environment: environment);
        arguments[0] = "changed";
        environment["A"] = "changed";
        Assert.Equal(["a"], release.Arguments);
        Assert.Equal("b", release.Environment["A"]);
        Assert.Throws<NotSupportedException>(() => ((IList<string>)release.Arguments)[0] = "changed");
    }

    [Fact]
    public void WithEnvironment_changes_one_variable_of_a_copy()
    {
        Release first = Release.Create(_app, environment: new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2" });
        Release second = first.WithEnvironment("A", null);
        Assert.Equal("1", first.Environment["A"]);
        Assert.Null(second.Environment["A"]);
        Assert.Equal("2", second.Environment["B"]);
    }

    [Fact]
    public void A_missing_executable_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Release.Create("/nowhere/app"));
        Assert.Contains("/nowhere/app", error.Message, StringComparison.Ordinal);
        Assert.Equal("/nowhere/app", error.FileName);
    }

    [Fact]
    public void A_name_that_is_not_in_PATH_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Release.Create("no-such-program"));
        Assert.Contains("no-such-program", error.Message, StringComparison.Ordinal);
        Assert.Contains("PATH", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_may_not_be_executed_is_refused_with_advice()
    {
        string file = _directory.AddFile("text");
        ArgumentException error = Assert.Throws<ArgumentException>(() => Release.Create(file));
        Assert.Contains($"chmod +x {file}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Release.Create(_directory.Path));
        Assert.Contains("is a directory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_of_links_is_an_error_of_the_system()
    {
        _directory.Link("a", "b");
        _directory.Link("b", "a");
        SystemCallException error = Assert.Throws<SystemCallException>(() => Release.Create(_directory.Combine("a/app")));
        Assert.Equal("ELOOP", error.ErrorName);
    }

    [Theory]
    [InlineData("/nowhere", "does not exist")]
    [InlineData("/etc/passwd", "not a directory")]
    public void A_working_directory_that_is_none_is_named(string path, string reason)
    {
        DirectoryNotFoundException error = Assert.Throws<DirectoryNotFoundException>(() => Release.Create(_app, workingDirectory: path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NUL_is_refused_everywhere()
    {
        Assert.Throws<ArgumentException>(() => Release.Create("a\0b"));
        Assert.Throws<ArgumentException>(() => Release.Create(_app, ["x", "a\0b"]));
        Assert.Throws<ArgumentException>(() => Release.Create(_app, workingDirectory: "a\0b"));
        Assert.Throws<ArgumentException>(() => Release.Create(_app).WithEnvironment("A", "a\0b"));
        Assert.Throws<ArgumentException>(() => Release.Create(_app).WithEnvironment("a\0b", "A"));
        Assert.Throws<ArgumentException>(() => Release.Create(_app, label: "a\0b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("A=B")]
    public void A_bad_name_of_a_variable_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Release.Create(_app).WithEnvironment(name, "x"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\nb")]
    public void A_bad_label_is_refused(string label)
    {
        Assert.Throws<ArgumentException>(() => Release.Create(_app, label: label));
        Assert.Throws<ArgumentException>(() => Release.Create(_app).WithLabel(label));
        Assert.Throws<ArgumentException>(() => Release.Current(label));
    }

    [Fact]
    public void The_current_release_is_the_file_that_runs()
    {
        Release release = Release.Current("me", ["a", "b"]);
        Assert.Equal(File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: true)!.FullName, release.Executable);
        Assert.Equal(["a", "b"], release.Arguments.TakeLast(2));
        Assert.Equal("me", release.Label);
        Assert.Equal(release.Executable, release.Refresh().Executable);
    }
}
