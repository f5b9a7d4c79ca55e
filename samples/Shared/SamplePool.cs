using WorkerPool;

namespace Samples;

/// <summary>A sample as a pool: master and workers, and what the master says.</summary>
/// <param name="program">The name of the program, in front of what is said.</param>
/// <param name="settings">What it was told about its pool.</param>
/// <param name="endpoints">Where it listens: names, and addresses in the notation of <see cref="ListenEndpoint.Parse"/>.</param>
internal sealed class SamplePool(string program, PoolSettings settings, IReadOnlyList<(string Name, string Address)> endpoints)
{
    /// <summary>The options were not valid.</summary>
    public const int BadUsage = 2;

    private const int Failed = 1;

    /// <summary>Runs the pool until it is stopped: as the master, or, started by one, as a worker.</summary>
    /// <param name="serve">What a worker does.</param>
    /// <returns>The exit code: 0 when it was stopped as asked, 1 when it could not run.</returns>
    public async Task<int> RunAsync(Func<Worker, Task> serve)
    {
        try
        {
            return await Pool.RunAsync(Configure, serve, ManageAsync);
        }
        catch (Exception exception) when (exception is CommandException or SystemCallException or IOException)
        {
            await Console.Error.WriteLineAsync($"{program}: {exception.Message}");
            return Failed;
        }
    }

    private void Configure(PoolOptions pool)
    {
        settings.Apply(pool);
        foreach ((string name, string address) in endpoints)
        {
            pool.Listen(name, address);
        }
    }

    private Task ManageAsync(Master master, CancellationToken stopping)
    {
        foreach ((string name, _) in endpoints)
        {
            Console.WriteLine($"{program}: {name} listens on {master.GetEndPoint(name)}.");
        }

        if (settings.Control is string control)
        {
            Console.WriteLine($"{program}: the control socket is {control}.");
        }

        return new ProgressLines(master, program).RunAsync(stopping);
    }
}
