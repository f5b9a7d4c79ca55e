using Samples;
using WorkerPool;

namespace TcpProxy;

/// <summary>
/// A layer-4 proxy: connections of clients are relayed to one upstream, by a pool of workers that can be replaced one by
/// one while they serve.
/// </summary>
public static class ProxyProgram
{
    /// <summary>The options were not valid.</summary>
    public const int BadUsage = 2;

    private const int Failed = 1;

    /// <summary>Runs the proxy until it is stopped: as the master, or, started by one, as a worker.</summary>
    /// <param name="arguments">See <see cref="ProxyCommand"/>, or run it with <c>--help</c>.</param>
    /// <returns>The exit code: 0 when it was stopped as asked, 1 when it could not run, 2 when the options are not valid.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return ProxyCommand.InvokeAsync(arguments, RunAsync);
    }

    private static async Task<int> RunAsync(ProxyOptions options)
    {
        try
        {
            return await Pool.RunAsync(
                pool => Configure(pool, options),
                worker => new ProxyWorker(options).ServeAsync(worker),
                (master, stopping) => new ProgressLines(master, "TcpProxy").RunAsync(stopping));
        }
        catch (Exception exception) when (exception is CommandException or SystemCallException or IOException)
        {
            await Console.Error.WriteLineAsync($"TcpProxy: {exception.Message}");
            return Failed;
        }
    }

    private static void Configure(PoolOptions pool, ProxyOptions options)
    {
        pool.WorkerCount = options.Workers;
        pool.DrainDeadline = options.DrainDeadline;
        Release release = options.CurrentRelease();
        pool.ControlPath = options.Control;
        pool.Release = release;
        pool.PlanRollout = () => new RolloutPlan(release.Refresh()) { Order = options.Order, Bake = options.Bake };
        for (int i = 0; i < options.Listen.Count; i++)
        {
            pool.Listen($"proxy{i}", options.Listen[i]);
        }
    }
}
