using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Master and workers under the Generic Host, with a configuration file.</summary>
[Collection("Pools")]
public sealed class HostedPoolTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"workerpool-{Guid.NewGuid():N}.json");

    [Fact]
    public async Task A_host_stops_with_its_pool_when_it_is_told_to_and_serves_whoever_has_connected()
    {
        await using MasterProcess master = await UpAsync("{}");
        Assert.StartsWith("health Healthy 2 of 2", await master.SaysAsync("health"), StringComparison.Ordinal);
        await using Load load = Load.Start(master);
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        await load.ForAsync(100);
        int came = load.Count;
        master.Signal(SIGTERM);
        await master.SaysAsync($"WorkerDraining {before.Slot}");
        Assert.Equal(before.Process, (await client.AskAsync("during the drain")).Process);
        client.EndSending();
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, await master.ExitAsync());
        await load.EndWithoutLossAmongAsync(came);
        Assert.All(master.Workers, worker => Assert.Null(ProcessTable.Find(worker)));
    }

    [Fact]
    public async Task A_second_SIGTERM_cuts_what_the_first_one_waits_for()
    {
        await using MasterProcess master = await UpAsync("{}");
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        master.Signal(SIGTERM);
        await master.SaysAsync($"WorkerDraining {before.Slot}");
        master.Signal(SIGTERM);
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, await master.ExitAsync());
    }

    [Fact]
    public async Task SIGHUP_replaces_every_worker_of_a_hosted_pool()
    {
        await using MasterProcess master = await UpAsync("{}");
        await using Load load = Load.Start(master);
        master.Signal(SIGHUP);
        Assert.Contains("2 slots", await master.SaysAsync("RolloutEnded"), StringComparison.Ordinal);
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        Assert.All(master.Workers, worker => Assert.Null(ProcessTable.Find(worker)));
        await StopAsync(master);
    }

    [Fact]
    public async Task The_number_of_workers_and_their_weights_follow_the_configuration()
    {
        await using MasterProcess master = await UpAsync("""{ "WorkerPool": { "WorkerCount": 2, "Weights": { "1": 0 } } }""");
        await using Load load = Load.Start(master);
        await load.ForAsync(100);
        Assert.Equal(0, (await AskAsync(master)).Slot); // slot 1 has no weight from the start

        Write("""{ "WorkerPool": { "WorkerCount": 3 } }""");
        await master.SaysAsync("WorkerReady 2");
        Write("""{ "WorkerPool": { "WorkerCount": 1, "DrainDeadline": "5s" } }""");
        Assert.Contains("WorkerPool:DrainDeadline", await master.SaysAsync("warn: WorkerPool.Hosting[11]"), StringComparison.Ordinal);
        await master.SaysAsync("SlotRemoved 2");
        await load.ForAsync(50);

        Write("""{ "WorkerPool": { "WorkerCount": 0 } }""");
        Assert.Contains("WorkerPool:WorkerCount is 0", await master.SaysAsync("fail: WorkerPool.Hosting[10]"), StringComparison.Ordinal);
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        await StopAsync(master);
    }

    [Fact]
    public async Task A_configuration_that_is_wrong_ends_the_host_and_each_key_is_named()
    {
        Write("""{ "WorkerPool": { "WorkerCont": 2, "DrainDeadline": "30", "Endpoints": { "main": { "Address": "localhost:80" } } } }""");
        await using MasterProcess master = MasterProcess.StartProgram(["hosted", _file]);
        Assert.NotEqual(0, await master.ExitAsync());
        string all = string.Join('\n', master.Said);
        Assert.Contains("WorkerPool:WorkerCont is not known", all, StringComparison.Ordinal);
        Assert.Contains("WorkerPool:DrainDeadline is \"30\": a time is allowed", all, StringComparison.Ordinal);
        Assert.Contains("WorkerPool:Endpoints:main:Address is \"localhost:80\"", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_has_the_last_word_and_its_variables_are_keys()
    {
        Write("""{ "WorkerPool": { "WorkerCount": 1 } }""");
        await using MasterProcess master = MasterProcess.StartProgram(["hosted", _file], "env", "WorkerPool__WorkerCount=3");
        await master.BeUpAsync(3);
        await StopAsync(master);
    }

    public void Dispose() => File.Delete(_file);

    private async Task<MasterProcess> UpAsync(string configuration)
    {
        Write(configuration);
        MasterProcess master = MasterProcess.StartProgram(["hosted", _file]);
        try
        {
            await master.BeUpAsync(2);
            return master;
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    private static async Task<Answer> AskAsync(MasterProcess master)
    {
        using Client client = await master.ConnectAsync();
        return await client.AskAsync();
    }

    // As editors and orchestrators do it: never half a file.
    private void Write(string configuration)
    {
        File.WriteAllText(_file + ".new", configuration);
        File.Move(_file + ".new", _file, overwrite: true);
    }

    private static async Task StopAsync(MasterProcess master)
    {
        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
    }
}
