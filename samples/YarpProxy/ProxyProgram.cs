using Samples;
using WorkerPool;

namespace YarpProxy;

/// <summary>
/// A reverse proxy for HTTP: YARP, in workers that are replaced one by one while they serve. Routes and clusters come from
/// a file, and a change of it is rolled out like a change of the program.
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
                worker => ProxyWorker.ServeAsync(worker, options),
                (master, stopping) => ManageAsync(master, options, stopping));
        }
        catch (Exception exception) when (exception is CommandException or SystemCallException or IOException)
        {
            await Console.Error.WriteLineAsync($"YarpProxy: {exception.Message}");
            return Failed;
        }
    }

    private static Task ManageAsync(Master master, ProxyOptions options, CancellationToken stopping)
    {
        for (int i = 0; i < options.Listen.Count; i++)
        {
            Console.WriteLine($"YarpProxy: {EndpointName(i)} listens on {master.GetEndPoint(EndpointName(i))}.");
        }

        return new ProgressLines(master, "YarpProxy").RunAsync(stopping);
    }

    private static void Configure(PoolOptions pool, ProxyOptions options)
    {
        Release release = Release.Current(options.Label);
        pool.WorkerCount = options.Workers;
        pool.DrainDeadline = options.DrainDeadline;
        pool.Release = release;
        pool.PlanRollout = () => new RolloutPlan(release.Refresh()) { Bake = options.Bake };
        for (int i = 0; i < options.Listen.Count; i++)
        {
            pool.Listen(EndpointName(i), options.Listen[i]);
        }
    }

    private static string EndpointName(int index) => $"web{index}";
}
