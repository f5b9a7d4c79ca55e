using System.Text.Json;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>The <c>workerpool</c> tool, run as a program.</summary>
[Collection("Pools")]
public sealed class ToolTests
{
    [Fact]
    public async Task It_shows_steers_and_rolls_and_its_exit_codes_say_how_it_went()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        (int code, string output, string errors) = await RunAsync(operated, "status");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("2 of 2 slots ready, 2 processes", output, StringComparison.Ordinal);
        Assert.Equal(["SLOT", "GEN", "PID", "STATE", "UP", "CONN", "QUEUE", "WEIGHT", "SHARE", "PSS", "CPU", "RELEASE"], Words(output.Split('\n')[0]));
        Assert.Equal(operated.Pool.ProcessOf(1).ToString(System.Globalization.CultureInfo.InvariantCulture), Words(output.Split('\n')[2])[2]);

        (code, output, _) = await RunAsync(operated, "roll", "-x", TestPool.WorkerProgram, "-a", "serve", "-l", "v2", "--bake", "0");
        Assert.Equal(0, code);
        Assert.Contains("2/2", output, StringComparison.Ordinal);
        Assert.Contains("done in ", output, StringComparison.Ordinal);

        (code, output, errors) = await RunAsync(operated, "roll", "-x", TestPool.WorkerProgram, "-a", "exit-before-ready", "-a", "7", "-l", "v3");
        Assert.Equal(2, code);
        Assert.Contains("  | this release is broken", errors, StringComparison.Ordinal);

        (code, output, _) = await RunAsync(operated, "drain", "7", "--json");
        Assert.Equal(1, code);
        Assert.Equal("noSuchSlot", JsonDocument.Parse(output).RootElement.GetProperty("verdict").GetProperty("reason").GetString());

        (code, _, errors) = await RunAsync(operated, "drain");
        Assert.Equal(64, code);
        Assert.Contains("--help", errors, StringComparison.Ordinal);

        (code, output, errors) = await RunAsync(operated);
        Assert.Equal((64, ""), (code, errors));
        Assert.Contains("workerpool [command] [options]", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync(operated, "events", "-n", "3");
        Assert.Equal((0, 3), (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));

        (code, output, _) = await RunAsync(operated, "[suggest:3]", "rep");
        Assert.Equal((0, "replace"), (code, output.Trim()));
    }

    [Fact]
    public async Task Without_a_master_it_ends_with_3_and_says_what_is_missing()
    {
        using RunDirectory directory = new();
        (int code, _, string errors) = await RunAsync(directory.File("none.sock"), "status");
        Assert.Equal(3, code);
        Assert.Contains("none.sock", errors, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(OperatedPool operated, params string[] arguments) =>
        RunAsync(operated.Path, arguments);

    private static Task<(int Code, string Output, string Errors)> RunAsync(string control, params string[] arguments) =>
        ToolProcess.RunAsync(control, [ToolProcess.Program, .. arguments]);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
