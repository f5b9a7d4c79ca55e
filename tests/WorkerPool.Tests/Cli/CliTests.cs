using System.CommandLine;
using WorkerPool.Cli;
using WorkerPool.Cli.Commands;
using WorkerPool.Cli.Output;
using Xunit;

namespace WorkerPool.Tests.Cli;

public sealed class CliTests
{
    [Theory]
    [InlineData("5", 5)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void Times_are_read(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan time));
        Assert.Equal(seconds, time.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1d")]
    [InlineData("1e300")]
    public void What_is_no_time_is_not(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void The_socket_is_the_one_that_is_said_or_the_environments_or_the_only_one()
    {
        Dictionary<string, string?> environment = new() { [ControlPath.Variable] = "/e.sock", ["XDG_RUNTIME_DIR"] = "/x" };
        Dictionary<string, string[]> sockets = new() { ["/x/workerpool"] = ["/x/workerpool/a.sock"], ["/run/workerpool"] = [] };
        string Find(string? option) => ControlPath.Find(option, name => environment.GetValueOrDefault(name), directory => sockets[directory]);
        Assert.Equal("/o.sock", Find("/o.sock"));
        Assert.Equal("/e.sock", Find(null));
        environment.Remove(ControlPath.Variable);
        Assert.Equal("/x/workerpool/a.sock", Find(null));
        sockets["/run/workerpool"] = ["/run/workerpool/b.sock"];
        Assert.Contains("b.sock", Assert.Throws<UsageException>(() => Find(null)).Message, StringComparison.Ordinal);
        sockets["/run/workerpool"] = sockets["/x/workerpool"] = [];
        Assert.Contains("--control", Assert.Throws<ControlException>(() => Find(null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_of_the_line_is_valid_and_options_that_belong_together_are_asked_for_together()
    {
        RootCommand root = RootCommandLine.Create();
        string[] good =
        [
            "status", "top --period 2s", "events -f -n 5 --json", "start 1", "drain 1 --deadline 5s", "replace 1 --stop-first",
            "scale 4 -x app -a one -a two -l v2 -e A=b -e C -d /srv", "pause", "resume", "abort --no-roll-back", "weight 1 0.5", "share v2 5%",
            "suspend-respawn", "resume-respawn", "reopen-logs", "stop --now", "completion bash",
            "roll --slots 1 2 --count 1 --order stop-first --parallelism 2 --surge 1 --unavailable 1 --max-lingering 1 --start-deadline 5s "
                + "--drain-deadline 5s --bake 1s --deadline 10m --max-failures 1 --on-failure pause --no-memory-check --dry-run --supersede "
                + "--probe-http web/health --probe-timeout 1s --probe-interval 1s --probe-attempts 2 --abort-on-disconnect",
        ];
        Assert.All(good, line => Assert.Empty(root.Parse(line).Errors.Select(error => error.Message)));
        string[] bad =
        [
            "reboot", "start", "start x", "scale 1 --label v2", "roll --order sideways", "roll --bake soon", "roll --probe-send x",
            "roll --probe-http a --probe-tcp b",
        ];
        Assert.All(bad, line => Assert.NotEmpty(root.Parse(line).Errors));
    }

    [Fact]
    public void Parts_and_probes_are_read()
    {
        Assert.Equal(0.05, ShareCommand.Read("5%"));
        Assert.Equal(0.05, ShareCommand.Read("0.05"));
        Assert.Null(ShareCommand.Read("none"));
        Assert.Throws<UsageException>(() => ShareCommand.Read("half"));
        Assert.Equal(("web", "/health?x=1"), (ProbeOptions.Http("web/health?x=1").Endpoint, ProbeOptions.Http("web/health?x=1").Path));
        Assert.Null(ProbeOptions.Http("web").Path);
    }

    [Fact]
    public void Columns_are_aligned() => Assert.Equal(
        "N  NAME\n 1  a\n22  bb\n".Replace("N  N", " N  N", StringComparison.Ordinal), TextTable.Format([("N", true), ("NAME", false)], [["1", "a"], ["22", "bb"]]));

    [Fact]
    public void What_a_worker_wrote_does_not_change_the_terminal()
    {
        string text = VerdictText.Of(new Verdict { Outcome = Outcome.RolledBack, Message = "Slot 1 failed.", LastErrorLines = ["\u001b[2Jboo"] });
        Assert.Equal("rolled back: Slot 1 failed.\n  | \uFFFD[2Jboo\n", text);
    }

    [Theory]
    [InlineData(Outcome.Done, 0)]
    [InlineData(Outcome.Failed, 1)]
    [InlineData(Outcome.Refused, 1)]
    [InlineData(Outcome.RolledBack, 2)]
    public void Exit_codes_are_as_documented(Outcome outcome, int code) =>
        Assert.Equal(code, ExitCode.Of(new Verdict { Outcome = outcome, Message = "" }));
}
