using System.Collections;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class ChildEnvironmentTests
{
    private readonly Dictionary<string, string> _defaults = [];
    private readonly Hashtable _inherited = [];
    private readonly Dictionary<string, string?> _ofUser = [];
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
    public void What_is_said_of_the_user_replaces_what_the_master_has_and_gives_way_to_the_release()
    {
        _inherited["HOME"] = "/root";
        _inherited["SHELL"] = "/bin/bash";
        _inherited["USER"] = "root";
        _ofUser["HOME"] = "/home/app";
        _ofUser["SHELL"] = null;
        _ofUser["USER"] = "app";
        _ofRelease["HOME"] = "/srv/app";
        Assert.Equal(["HOME=/srv/app", "USER=app"], Compose());
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

    [Fact]
    public void A_default_is_there_if_nobody_says_otherwise()
    {
        _defaults["DOTNET_a"] = "default";
        Assert.Equal(["DOTNET_a=default"], Compose());
    }

    [Fact]
    public void A_default_never_changes_what_the_master_or_the_release_has()
    {
        _defaults["DOTNET_a"] = "default";
        _defaults["DOTNET_b"] = "default";
        _defaults["DOTNET_c"] = "default";
        _inherited["DOTNET_a"] = "master's";
        _ofRelease["DOTNET_b"] = "release's";
        _ofRelease["DOTNET_c"] = null;
        Assert.Equal(["DOTNET_a=master's", "DOTNET_b=release's"], Compose());
    }

    [Fact]
    public void A_default_yields_to_the_same_setting_by_the_former_prefix()
    {
        _defaults["DOTNET_a"] = "default";
        _defaults["DOTNET_b"] = "default";
        _inherited["COMPlus_a"] = "master's";
        _ofRelease["COMPlus_b"] = "release's";
        Assert.Equal(["COMPlus_a=master's", "COMPlus_b=release's"], Compose());
    }

    private IEnumerable<string> Compose() =>
        ChildEnvironment.Compose(_defaults, _inherited, _ofUser, _ofRelease, _own).Order(StringComparer.Ordinal);
}
