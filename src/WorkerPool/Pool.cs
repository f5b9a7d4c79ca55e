using WorkerPool.Runtime;
using WorkerPool.Signals;

namespace WorkerPool;

/// <summary>One program, two roles: the same executable runs as the master and, started by it, as each worker.</summary>
public static class Pool
{
    // EX_UNAVAILABLE and EX_SOFTWARE of sysexits.h.
    internal const int NoMaster = 69;
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
    /// before they had met, or refused it; 70 when its warm-up failed, or anything else before it was ready. The reason is the last line on standard error.
    /// </returns>
    /// <remarks>
    /// What signals to the master do is in <see cref="PoolOptions.Signals"/>: SIGTERM stops the pool gracefully, SIGHUP rolls a
    /// new release out, and so on. Those that arrive while the first workers start are obeyed when they are ready.
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
    /// before they had met, or refused it; 70 when its warm-up failed, or anything else before it was ready. The reason is the last line on standard error.
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
        catch (Exception e) when (!worker.IsReady)
        {
            await Console.Error.WriteLineAsync($"{e}\nWorkerPool: The worker failed before it was ready: {ReasonOf(e)}");
            return NotWarm;
        }

        await worker.FinishAsync();
        return 0;
    }

    /// <summary>What failed and, if that is something else, why: on one line, for the verdict.</summary>
    private static string ReasonOf(Exception failure)
    {
        Exception cause = failure;
        while (cause.InnerException is not null)
        {
            cause = cause.InnerException;
        }

        string text = cause == failure ? failure.Message : $"{failure.Message} {cause.Message}";
        return text.ReplaceLineEndings(" ");
    }

    private static async Task<int> RunMasterAsync(
        Action<PoolOptions> configure, Func<Master, CancellationToken, Task> manage, CancellationToken cancellationToken)
    {
        PoolOptions options = new();
        configure(options);
        OptionsCheck.Check(options);
        using MasterSignals signals = new(options.Signals);
        using CancellationTokenSource stopAsked = CancellationTokenSource.CreateLinkedTokenSource(signals.StopAsked, cancellationToken);
        try
        {
            await using Master master = await Master.StartAsync(options, stopAsked.Token);
            await RunPoolAsync(master, manage, signals, stopAsked.Token);
        }
        catch (OperationCanceledException) when (stopAsked.IsCancellationRequested)
        {
            // Asked to stop before it was up: nothing is left.
        }

        return 0;
    }

    private static async Task RunPoolAsync(
        Master master, Func<Master, CancellationToken, Task> manage, MasterSignals signals, CancellationToken stopAsked)
    {
        master.NotifyReady();
        CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(stopAsked); // also by a command
        _ = master.Stopping.ContinueWith(_ => stopping.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Task managing = manage(master, stopping.Token);
        _ = signals.RunAsync(master, mode => master.StopAsync(mode, CancellationToken.None)); // late, so that the host reads what it says
        Task asked = WhenAsync(stopAsked);
        if (await Task.WhenAny(asked, master.Stopped, managing) == managing && managing.IsCompletedSuccessfully)
        {
            await Task.WhenAny(asked, master.Stopped);
        }

        // A signal says itself how the pool is to stop.
        await (signals.StopAsked.IsCancellationRequested ? master.Stopped : master.StopAsync(StopMode.Graceful, CancellationToken.None));
        await managing.WaitAsync(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (managing.IsFaulted)
        {
            await managing;
        }
    }

    private static Task WhenAsync(CancellationToken token) =>
        Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
