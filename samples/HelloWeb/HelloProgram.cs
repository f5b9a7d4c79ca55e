using Samples;

namespace HelloWeb;

/// <summary>A web server as a pool of workers that can be replaced one by one while they serve.</summary>
public static class HelloProgram
{
    /// <summary>The name of the program.</summary>
    internal const string Name = "HelloWeb";

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

        return await new SamplePool(Name, options.Pool, [.. options.Endpoints]).RunAsync(worker => HelloWorker.ServeAsync(worker, options));
    }
}
