using System.Net;
using WorkerPool;
using ZeroDowntime.Load;
using ZeroDowntime.Measure;
using ZeroDowntime.Report;
using ZeroDowntime.Roles;
using ZeroDowntime.View;

namespace ZeroDowntime;

/// <summary>Sets the stage, plays the script, counts, and tells.</summary>
/// <remarks>
/// <code>
///   this process:  master  ---- spawns ---->  workers (role proxy)  ---->  origin (role origin, echoes)
///                  script, sampler, view          ^
///                                                 |  requests, streams, waiting connections
///                                             clients (role load)
/// </code>
/// </remarks>
internal static class Demo
{
    /// <returns>Whether nothing was lost but what a killed worker held, and every rollout ended as it should.</returns>
    public static async Task<bool> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        await using RoleProcess origin = RoleProcess.Start(Role.Origin);
        string originPort = await origin.Output.ReadLineAsync(cancellationToken)
            ?? throw new IOException("The origin did not start; its standard error says why.");
        PoolOptions pool = new() { WorkerCount = options.Workers, DrainDeadline = options.DrainDeadline };
        pool.Steering.Enabled = options.Steering;
        ProxyReleases releases = new(options, pool.Listen(Stage.Endpoint, "127.0.0.1:0").Address, originPort);
        pool.Release = releases.Create("v1");
        Results results;
        await using (Master master = await Master.StartAsync(pool, cancellationToken))
        await using (Clients clients = Clients.Start((IPEndPoint)master.GetEndPoint(Stage.Endpoint), options.Load))
        {
            results = await PlayAsync(options, master, clients, releases, cancellationToken);
            await master.StopAsync(StopMode.Graceful, CancellationToken.None);
        }

        ResultText.Write(results, options, Console.Out);
        await ResultFiles.WriteAsync(results, options);
        return results.Passed;
    }

    private static async Task<Results> PlayAsync(
        DemoOptions options, Master master, Clients clients, ProxyReleases releases, CancellationToken cancellationToken)
    {
        await using IView view = options.Plain || Console.IsOutputRedirected ? new PlainView() : new LiveView();
        Stage stage = new(options, master, clients, view);
        Sampler sampler = new(master, stage.Now);
        view.Show(() => new Scene(stage.Now, master.Status, clients.Progress, sampler.Last));
        using CancellationTokenSource watching = new();
        Task watchers = Task.WhenAll(sampler.RunAsync(watching.Token), RelayEventsAsync(stage, watching.Token));

        Script script = new(stage, releases, cancellationToken);
        await script.RunAsync();
        Total total = await clients.FinishAsync();
        await watching.CancelAsync();
        await watchers;
        return new Results(stage, script, total, sampler);
    }

    private static async Task RelayEventsAsync(Stage stage, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (PoolEvent happened in stage.Master.ReadEventsAsync(cancellationToken))
            {
                // The end of a rollout comes with its verdict.
                if (happened.Kind is not (PoolEventKind.CommandEnded or PoolEventKind.WorkerSpawned or PoolEventKind.RolloutEnded))
                {
                    stage.Say(happened);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
