using WorkerPool.FunctionalTests.Privileges;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>Who may give commands, tried by processes of a user who is not the master's.</summary>
[Collection("Pools")]
public sealed class OtherUserTests
{
    private const string Nobody = "65534";
    private const string Group = "20";
    private const string OtherGroup = "21";

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [Fact]
    public async Task The_file_keeps_another_user_out_and_he_is_told_what_is_needed()
    {
        await using OperatedPool operated = await StartAsync();
        (int code, string output, string errors) = await AsNobodyAsync(operated, OtherGroup, "status");
        Assert.Equal((3, ""), (code, output));
        Assert.Contains("This user may not use the control socket", errors, StringComparison.Ordinal);
        Assert.Contains("ControlGroup", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, $"User {Nobody} may not give commands. Allowed are root, user 0.")]
    [InlineData(Group, $"User {Nobody} may not give commands. Allowed are root, user 0 and the members of group {Group}.")]
    public async Task Where_the_file_is_open_to_everybody_the_master_refuses_him_and_logs_it(string? group, string refusal)
    {
        await using OperatedPool operated = await StartAsync(group);
        File.SetUnixFileMode(operated.Path, Everybody);
        (int code, string output, string errors) = await AsNobodyAsync(operated, OtherGroup, "drain", "0");
        Assert.Equal((3, ""), (code, output));
        Assert.Contains(refusal, errors, StringComparison.Ordinal);
        await Machine.UntilAsync(() => operated.Pool.Log.Text.Contains($"of user {Nobody} was refused", StringComparison.Ordinal), "the refusal is logged");
        Assert.Equal(2, operated.Pool.Status.ReadyCount);
    }

    [Fact]
    public async Task A_member_of_the_group_gives_commands()
    {
        await using OperatedPool operated = await StartAsync(Group);
        (int code, string output, string errors) = await AsNobodyAsync(operated, Group, "drain", "1");
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith("done in ", output, StringComparison.Ordinal);
        Assert.Equal(SlotState.Empty, operated.Pool.Status.Slots[1].State);
        Assert.Contains($"of user {Nobody} asks for drain", operated.Pool.Log.Text, StringComparison.Ordinal);
    }

    private static async Task<OperatedPool> StartAsync(string? group = null)
    {
        Root.Require();
        OperatedPool operated = await OperatedPool.StartAsync(options => options.ControlGroup = group);
        File.SetUnixFileMode(Path.GetDirectoryName(operated.Path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return operated;
    }

    private static Task<(int Code, string Output, string Errors)> AsNobodyAsync(OperatedPool operated, string group, params string[] arguments) =>
        ToolProcess.RunAsync(operated.Path, ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--groups", group, ToolProcess.Program, .. arguments]);
}
