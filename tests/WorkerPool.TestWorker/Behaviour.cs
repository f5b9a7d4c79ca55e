using System.Globalization;

namespace WorkerPool.TestWorker;

/// <summary>What a worker does, by the first of its arguments; the second is a number for it.</summary>
internal static class Behaviour
{
    public static async Task<int> RunAsync(string[] args)
    {
        string name = args.ElementAtOrDefault(0) ?? "serve";
        int number = int.Parse(args.ElementAtOrDefault(1) ?? "0", CultureInfo.InvariantCulture);
        switch (name)
        {
            case "exit-before-ready":
                await Console.Error.WriteLineAsync("this release is broken");
                return number;
            case "signal-before-ready":
                return BadWorker.KillSelf(number);
            case "never-ready":
                return await Pool.RunAsync(_ => { }, worker => worker.WhenDrainedAsync());
            case "hang-before-hello":
                await Task.Delay(Timeout.Infinite);
                return 0;
            case "garbage":
                return await BadWorker.SendGarbageAsync();
            case "flood":
                return await BadWorker.FloodAsync();
            case "close-control":
                return await BadWorker.CloseControlAsync();
            case "future-protocol":
                return await BadWorker.SpeakFutureProtocolAsync();
            case "hang-in-drain":
                return await Pool.RunAsync(_ => { }, LineServer.HangInDrainAsync);
            case "ignore-everything":
                return await Pool.RunAsync(_ => { }, BadWorker.IgnoreSignalsAsync);
            case "ready-after-passed":
                return await Pool.RunAsync(_ => { }, LineServer.ServeWhenProvedAsync);
            case "dispose-often":
                return await DisposeOftenAsync();
            case "flood-errors":
                new Thread(BadWorker.FloodErrors) { IsBackground = true }.Start();
                return await Pool.RunAsync(_ => { }, LineServer.ServeAsync);
            case "warm-up":
                return await Pool.RunAsync(_ => { }, worker => LineServer.ServeWarmAsync(worker, (_, stop) => WarmUp.AskAsync(worker, number, stop)));
            case "warm-up-fails":
                return await Pool.RunAsync(_ => { }, worker => LineServer.ServeWarmAsync(worker, WarmUp.FailAsync));
            case "warm-up-hangs":
                return await Pool.RunAsync(_ => { }, worker => LineServer.ServeWarmAsync(worker, WarmUp.HangAsync));
            case "slow-start":
                Console.WriteLine($"starting {Environment.ProcessId}");
                await Task.Delay(number);
                return await Pool.RunAsync(_ => { }, LineServer.ServeAsync);
            case "few-descriptors":
                BadWorker.LimitDescriptors(number);
                return await Pool.RunAsync(_ => { }, LineServer.ServeAsync);
            case "http":
                return await Pool.RunAsync(_ => { }, worker => ProbedWorker.AnswerHttpAsync(worker, number));
            case "refuse":
                return await Pool.RunAsync(_ => { }, ProbedWorker.RefuseAsync);
            case "exit-when-asked":
                return await Pool.RunAsync(_ => { }, worker => ProbedWorker.ExitAsync(worker, number));
            case "wrap-listener":
                return await BadWorker.WrapListenerAsync();
            case "hand-over-garbage":
                return await BadWorker.HandOverGarbageAsync();
            case "destroy-listener":
                return await BadWorker.DestroyListenerAsync();
            case "crash-after-ready":
                return await Pool.RunAsync(_ => { }, worker => BadWorker.CrashAsync(worker, number));
            case "answer-nothing":
                return await Pool.RunAsync(_ => { }, BadWorker.AnswerNothingAsync);
            case "exhaust-pool":
                return await Pool.RunAsync(_ => { }, HungWorker.ExhaustThreadPoolAsync);
            case "spin":
                return await Pool.RunAsync(_ => { }, HungWorker.SpinAsync);
            case "exhaust-pool-after":
                return await Pool.RunAsync(_ => { }, worker => HungWorker.ExhaustThreadPoolAsync(worker, number));
            case "no-heartbeats":
                return await BadWorker.BeatAsync(null);
            case "one-heartbeat":
                return await BadWorker.BeatAsync("""{"type":"heartbeat"}""");
            case "debugged":
                return await BadWorker.BeatAsync("""{"type":"heartbeat","debugged":true}""");
            case "leave-orphans":
                await Orphans.LeaveAsync(number);
                return await Pool.RunAsync(_ => { }, LineServer.ServeAsync);
            case "serve":
                return await Pool.RunAsync(_ => { }, LineServer.ServeAsync);
            default:
                await Console.Error.WriteLineAsync($"Unknown behaviour \"{name}\".");
                return 64;
        }
    }

    private static async Task<int> DisposeOftenAsync()
    {
        Worker worker = await Worker.ConnectAsync();
        await worker.ReadyAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await worker.DisposeAsync())));
        await worker.DisposeAsync();
        return 0;
    }
}
