using WorkerPool.Runtime;

namespace WorkerPool;

/// <summary>One program, two roles: the same executable runs as the master and, started by it, as each worker.</summary>
public static class Pool
{
    // EX_UNAVAILABLE and EX_SOFTWARE of sysexits.h.
    private const int NoMaster = 69;
    private const int NotWarm = 70;

    /// <summary>Runs this process in its role until it is done.</summary>
    /// <param name="configure">Runs in the master only: says how many workers there are, where they listen, and so on.</param>
    /// <param name="serve">
    /// Runs in each worker only: says <see cref="Worker.ReadyAsync(CancellationToken)"/>, accepts and serves. It returns when the listeners
    /// have ended; the worker exits when its last connection is closed.
    /// </param>
    /// <param name="cancellationToken">In the master: stops the pool gracefully. In a worker: not used.</param>
    /// <returns>
    /// The exit code for the process: 0 when it ended as it was asked to. Of a worker also: 69 when its master had ended
    /// before they had met, or refused it; 70 when its warm-up failed. The reason is the last line on standard error.
    /// </returns>
    /// <remarks>
    /// In the master SIGTERM, SIGQUIT and SIGINT stop the pool gracefully; a second one stops it at once.
    /// </remarks>
    /// <exception cref="CommandException">In the master: the first workers did not start.</exception>
    /// <exception cref="SystemCallException">In the master: an endpoint cannot be listened on.</exception>
    public static Task<int> RunAsync(
        Action<PoolOptions> configure, Func<Worker, Task> serve, CancellationToken cancellationToken = default) =>
        RunAsync(configure, serve, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Runs this process in its role until it is done, with a hand on the master.</summary>
    /// <param name="configure">Runs in the master only: says how many workers there are, where they listen, and so on.</param>
    /// <param name="serve">Runs in each worker only: says <see cref="Worker.ReadyAsync(CancellationToken)"/>, accepts and serves.</param>
    /// <param name="manage">
    /// Runs in the master only, as soon as all workers are ready, beside the pool: replaces workers, scales, watches.
    /// Its token fires when the pool begins to stop. The pool goes on after it returns; if it throws, the pool stops
    /// and the exception goes to the caller.
    /// </param>
    /// <param name="cancellationToken">In the master: stops the pool gracefully. In a worker: not used.</param>
    /// <returns>
    /// The exit code for the process: 0 when it ended as it was asked to. Of a worker also: 69 when its master had ended
    /// before they had met, or refused it; 70 when its warm-up failed. The reason is the last line on standard error.
    /// </returns>
    /// <exception cref="CommandException">In the master: the first workers did not start.</exception>
    /// <exception cref="SystemCallException">In the master: an endpoint cannot be listened on.</exception>
    public static Task<int> RunAsync(
        Action<PoolOptions> configure,
        Func<Worker, Task> serve,
        Func<Master, CancellationToken, Task> manage,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ArgumentNullException.ThrowIfNull(serve);
        ArgumentNullException.ThrowIfNull(manage);
        return Worker.IsWorker ? RunWorkerAsync(serve) : RunMasterAsync(configure, manage, cancellationToken);
    }

    private static async Task<int> RunWorkerAsync(Func<Worker, Task> serve)
    {
        Worker connected;
        try
        {
            connected = await Worker.ConnectAsync();
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync($"WorkerPool: {e.Message}");
            return NoMaster;
        }

        await using Worker worker = connected;
        try
        {
            await serve(worker);
        }
        catch (WarmUpException e)
        {
            await Console.Error.WriteLineAsync($"{e.InnerException}\nWorkerPool: {e.Message}");
            return NotWarm;
        }

        await worker.FinishAsync();
        return 0;
    }

    private static async Task<int> RunMasterAsync(
        Action<PoolOptions> configure, Func<Master, CancellationToken, Task> manage, CancellationToken cancellationToken)
    {
        PoolOptions options = new();
        configure(options);
        using StopSignals signals = new(cancellationToken);
        try
        {
            await using Master master = await Master.StartAsync(options, signals.Graceful);
            await RunPoolAsync(master, manage, signals);
        }
        catch (OperationCanceledException) when (signals.Graceful.IsCancellationRequested)
        {
            // Asked to stop before it was up: nothing is left.
        }

        return 0;
    }

    private static async Task RunPoolAsync(Master master, Func<Master, CancellationToken, Task> manage, StopSignals signals)
    {
        Task managing = manage(master, signals.Graceful);
        Task stopAsked = signals.WhenGracefulAsync();
        if (await Task.WhenAny(stopAsked, master.Stopped, managing) == managing && managing.IsCompletedSuccessfully)
        {
            await Task.WhenAny(stopAsked, master.Stopped);
        }

        Task<Verdict> graceful = master.StopAsync(StopMode.Graceful);
        if (await Task.WhenAny(graceful, signals.WhenImmediateAsync()) != graceful)
        {
            await master.StopAsync(StopMode.Immediate);
        }

        await graceful;
        await managing.WaitAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (managing.IsFaulted)
        {
            await managing;
        }
    }
}
