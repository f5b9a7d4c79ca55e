using System.Collections;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class ChildEnvironmentTests
{
    private readonly Hashtable _inherited = [];
    private readonly Dictionary<string, string?> _ofRelease = [];
    private readonly Dictionary<string, string> _own = [];

    [Fact]
    public void What_the_master_has_is_inherited()
    {
        _inherited["HOME"] = "/root";
        _inherited["EMPTY"] = "";
        Assert.Equal(["EMPTY=", "HOME=/root"], Compose());
    }

    [Theory]
    [InlineData("NOTIFY_SOCKET")]
    [InlineData("WATCHDOG_PID")]
    [InlineData("WATCHDOG_USEC")]
    [InlineData("LISTEN_PID")]
    [InlineData("LISTEN_PIDFDID")]
    [InlineData("LISTEN_FDS")]
    [InlineData("LISTEN_FDNAMES")]
    [InlineData("WORKERPOOL_")]
    [InlineData("WORKERPOOL_SLOT")]
    public void What_is_the_masters_alone_is_not(string name)
    {
        _inherited[name] = "x";
        Assert.Empty(Compose());
    }

    [Fact]
    public void Similar_names_are_inherited()
    {
        _inherited["LISTEN_ADDRESS"] = "a";
        _inherited["WORKERPOOL"] = "b";
        Assert.Equal(["LISTEN_ADDRESS=a", "WORKERPOOL=b"], Compose());
    }

    [Fact]
    public void The_release_adds_changes_and_removes()
    {
        _inherited["CHANGED"] = "old";
        _inherited["REMOVED"] = "old";
        _ofRelease["ADDED"] = "new";
        _ofRelease["CHANGED"] = "new";
        _ofRelease["REMOVED"] = null;
        _ofRelease["NEVER_THERE"] = null;
        Assert.Equal(["ADDED=new", "CHANGED=new"], Compose());
    }

    [Fact]
    public void The_release_may_set_what_is_stripped()
    {
        _inherited["NOTIFY_SOCKET"] = "master's";
        _ofRelease["NOTIFY_SOCKET"] = "worker's";
        Assert.Equal(["NOTIFY_SOCKET=worker's"], Compose());
    }

    [Fact]
    public void The_library_wins_over_everything()
    {
        _inherited["LISTEN_FDS"] = "inherited";
        _inherited["A"] = "inherited";
        _ofRelease["LISTEN_FDS"] = "release";
        _ofRelease["WORKERPOOL_SLOT"] = null;
        _own["LISTEN_FDS"] = "own";
        _own["WORKERPOOL_SLOT"] = "3";
        Assert.Equal(["A=inherited", "LISTEN_FDS=own", "WORKERPOOL_SLOT=3"], Compose());
    }

    private IEnumerable<string> Compose() =>
        ChildEnvironment.Compose(_inherited, _ofRelease, _own).Order(StringComparer.Ordinal);
}
