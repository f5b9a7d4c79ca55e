using System.Text.Json;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>Operators who take all file descriptors of the master.</summary>
[Collection("Pools")]
public sealed class DescriptorShortageTests
{
    // A master of two workers has about 90.
    private const int Limit = 128;
    private const int Operators = 60;

    [Fact]
    public async Task The_pool_serves_on_and_the_control_socket_comes_back_which_is_said_once()
    {
        using RunDirectory directory = new();
        string path = directory.File("control.sock");
        await using MasterProcess master = await MasterProcess.UpAsync(
            new("serve") { Role = "signal-master" }, "env", $"TEST_CONTROL_PATH={path}", "prlimit", $"--nofile={Limit}");
        List<RawOperator> operators = [];
        try
        {
            for (int i = 0; i < Operators; i++)
            {
                operators.Add(RawOperator.Connect(path)); // the kernel's queue has room for all of them
            }

            await master.SaysAsync("log Warning Accepting from endpoint \"control\" pauses: EMFILE");
            await operators[^1].SendAsync("{\"verb\":\"status\"}");
            await using Load load = Load.Start(master);
            await load.ForAsync(300);
            Assert.Equal("done", await OutcomeAsync(operators[0], "{\"verb\":\"replace\",\"slot\":0}"));
            await load.EndWithoutLossAsync();

            operators[..^1].ForEach(one => one.Dispose());
            (JsonElement verdict, List<JsonElement> before) = await operators[^1].VerdictAsync();
            Assert.Equal("done", verdict.GetProperty("outcome").GetString());
            Assert.Equal(2, Assert.Single(before).GetProperty("status").GetProperty("readyCount").GetInt32());
            Assert.Equal("done", await OutcomeAsync(operators[^1], "{\"verb\":\"scale\",\"workers\":3}"));

            // Of the master: its workers have the same limit, and on a busy machine they run into it too.
            Assert.Single(master.Said, line => line.Contains("\"control\" pauses", StringComparison.Ordinal));
        }
        finally
        {
            operators.ForEach(one => one.Dispose());
        }

        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
        Assert.False(File.Exists(path));
    }

    private static async Task<string?> OutcomeAsync(RawOperator one, string line) =>
        (await one.AskAsync(line)).GetProperty("outcome").GetString();
}
