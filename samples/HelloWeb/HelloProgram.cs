using Samples;
using WorkerPool;

namespace HelloWeb;

/// <summary>A web server as a pool of workers that can be replaced one by one while they serve.</summary>
public static class HelloProgram
{
    /// <summary>The options were not valid.</summary>
    public const int BadUsage = 2;

    private const int Failed = 1;

    /// <summary>Runs the server until it is stopped: as the master, or, started by one, as a worker.</summary>
    /// <param name="arguments">See <see cref="HelloCommand"/>, or run it with <c>--help</c>.</param>
    /// <returns>The exit code: 0 when it was stopped as asked, 1 when it could not run, 2 when the options are not valid.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return HelloCommand.InvokeAsync(arguments, RunAsync);
    }

    private static async Task<int> RunAsync(HelloOptions options)
    {
        if (options.IsPlain)
        {
            await HelloPlain.RunAsync(options);
            return 0;
        }

        try
        {
            return await Pool.RunAsync(
                pool => Configure(pool, options),
                worker => HelloWorker.ServeAsync(worker, options),
                (master, stopping) => ManageAsync(master, options, stopping));
        }
        catch (Exception exception) when (exception is CommandException or SystemCallException or IOException)
        {
            await Console.Error.WriteLineAsync($"HelloWeb: {exception.Message}");
            return Failed;
        }
    }

    private static Task ManageAsync(Master master, HelloOptions options, CancellationToken stopping)
    {
        foreach ((string name, _) in options.Endpoints)
        {
            Console.WriteLine($"HelloWeb: {name} listens on {master.GetEndPoint(name)}.");
        }

        return new ProgressLines(master, "HelloWeb").RunAsync(stopping);
    }

    private static void Configure(PoolOptions pool, HelloOptions options)
    {
        pool.WorkerCount = options.Workers;
        pool.ControlPath = options.Control;
        pool.DrainDeadline = options.DrainDeadline;
        Release release = options.CurrentRelease();
        pool.Release = release;
        pool.PlanRollout = () => new RolloutPlan(release.Refresh()) { Order = options.Order, Bake = options.Bake };
        foreach ((string name, string address) in options.Endpoints)
        {
            pool.Listen(name, address);
        }
    }
}
