using Samples;

namespace YarpProxy;

/// <summary>
/// A reverse proxy for HTTP: YARP, in workers that are replaced one by one while they serve. Routes and clusters come from
/// a file, and a change of it is rolled out like a change of the program.
/// </summary>
public static class ProxyProgram
{
    /// <summary>The name of the program.</summary>
    internal const string Name = "YarpProxy";

    /// <summary>Runs the proxy until it is stopped: as the master, or, started by one, as a worker.</summary>
    /// <param name="arguments">See <see cref="ProxyCommand"/>, or run it with <c>--help</c>.</param>
    /// <returns>The exit code: 0 when it was stopped as asked, 1 when it could not run, 2 when the options are not valid.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return ProxyCommand.InvokeAsync(arguments, RunAsync);
    }

    private static Task<int> RunAsync(ProxyOptions options) =>
        new SamplePool(Name, options.Pool, [.. options.Listen.Select((address, i) => ($"web{i}", address))])
            .RunAsync(worker => ProxyWorker.ServeAsync(worker, options));
}
