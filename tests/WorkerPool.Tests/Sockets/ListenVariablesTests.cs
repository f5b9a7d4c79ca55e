using WorkerPool.Sockets.Activation;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public sealed class ListenVariablesTests
{
    private const int Self = 42;

    [Theory]
    [InlineData("42", "2", "web:admin", "web admin")]
    [InlineData("42", "1", "web.socket", "web.socket")]
    [InlineData("42", "2", null, "unknown unknown")]
    [InlineData("42", "2", ":web", " web")] // an empty name is a name
    public void Sockets_for_this_process_have_names(string process, string count, string? names, string expected)
    {
        ListenVariables read = Read(process, count, names);
        Assert.Equal(expected.Split(' '), read.Names);
        Assert.Null(read.Absence);
    }

    [Theory]
    [InlineData(null, "1", "web", "The environment has no LISTEN_PID")]
    [InlineData("", "1", "web", "The environment has no LISTEN_PID")]
    [InlineData("41", "1", "web", "LISTEN_PID is 41 and this is process 42")]
    [InlineData("self", "1", "web", "LISTEN_PID is \"self\"")]
    [InlineData("42", "0", "", "LISTEN_FDS is \"0\"")]
    [InlineData("42", "-1", "", "LISTEN_FDS is \"-1\"")]
    [InlineData("42", "99999999", null, "LISTEN_FDS is \"99999999\"")]
    [InlineData("42", null, null, "LISTEN_FDS is \"\"")]
    [InlineData("42", "2", "web", "LISTEN_FDS is 2, but LISTEN_FDNAMES has 1 names")]
    public void Anything_else_is_none_and_says_why(string? process, string? count, string? names, string why)
    {
        ListenVariables read = Read(process, count, names);
        Assert.Empty(read.Names);
        Assert.StartsWith(why, read.Absence, StringComparison.Ordinal);
    }

    private static ListenVariables Read(string? process, string? count, string? names) => ListenVariables.Read(
        variable => variable switch { "LISTEN_PID" => process, "LISTEN_FDS" => count, "LISTEN_FDNAMES" => names, _ => null }, Self);
}
