using System.Diagnostics;
using WorkerPool.Runtime.Telemetry;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>What hosts, operators and signals ask of the loop, from any thread.</summary>
internal sealed partial class MasterLoop
{
    private static readonly Verdict HasStopped =
        new() { Outcome = Outcome.Refused, Reason = VerdictReason.Stopping, Message = "The pool has stopped." };

    /// <summary>Hands a command to the supervisor, and waits for its verdict.</summary>
    public Task<Verdict> CommandAsync(Action<Supervisor, int, TimeSpan> begin, CancellationToken cancellationToken)
    {
        TaskCompletionSource<Verdict> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ActivityContext caller = PoolTelemetry.Caller();
        bool posted = _mailbox.Post(() =>
        {
            int id = ++_lastCommand;
            _commands[id] = completion;
            _telemetry.Begin(id, caller);
            begin(_supervisor, id, Now);
        });
        if (!posted)
        {
            completion.SetResult(HasStopped);
        }

        return VerdictAsync(completion.Task, cancellationToken);
    }

    /// <summary>Tells the supervisor something that has no verdict.</summary>
    public void Tell(Action<Supervisor> tell) => _mailbox.Post(() => tell(_supervisor));

    /// <summary>A letter that is still in the box when the loop has failed is never read; its sender must hear that.</summary>
    private async Task<Verdict> VerdictAsync(Task<Verdict> verdict, CancellationToken cancellationToken)
    {
        await Task.WhenAny(verdict, _running).WaitAsync(cancellationToken);
        return verdict.IsCompleted ? await verdict : HasStopped;
    }

    /// <summary>The picture after everything that was posted before; the last one if the loop has ended.</summary>
    public async Task<PoolStatus> SnapshotAsync()
    {
        TaskCompletionSource<PoolStatus> picture = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_mailbox.Post(() => picture.SetResult(Picture())))
        {
            await Task.WhenAny(picture.Task, _running);
        }

        return picture.Task.IsCompleted ? await picture.Task : Status;
    }

    /// <summary>Whether the loop handles letters; it completes when it has handled those of before.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = _mailbox.Post(answer.SetResult);
        await Task.WhenAny(answer.Task, _running).WaitAsync(cancellationToken);
        return posted && answer.Task.IsCompletedSuccessfully;
    }

    /// <summary>Stops the pool; what waits at sockets of slots that are gone is handed on first, while somebody takes it.</summary>
    public Task<Verdict> StopAsync(StopMode mode, CancellationToken cancellationToken)
    {
        Task left = mode == StopMode.Graceful ? LeaveAsync() : Task.CompletedTask;
        return left.IsCompleted ? StopNowAsync(mode, cancellationToken) : StopLaterAsync().WaitAsync(cancellationToken);

        async Task<Verdict> StopLaterAsync()
        {
            await left;
            return await StopNowAsync(mode, CancellationToken.None);
        }
    }

    private Task<Verdict> StopNowAsync(StopMode mode, CancellationToken cancellationToken) => CommandAsync(
        (supervisor, id, now) =>
        {
            _retirement.PassAll();
            _handOvers.End();
            supervisor.Stop(id, mode, now);
        },
        cancellationToken);

    /// <summary>Who comes from now on waits where the next master finds him; who has begun to come arrives first.</summary>
    private async Task LeaveAsync()
    {
        TaskCompletionSource<Task> settling = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_options.Steering.Enabled || !Sockets.OutlivesInPart || !_mailbox.Post(() => settling.SetResult(SettleAsync())))
        {
            return;
        }

        await Task.WhenAny(settling.Task.Unwrap(), _running);

        async Task SettleAsync()
        {
            try
            {
                Sockets.Leave();
                await Sockets.WhenHandshakesSettledAsync(0, _options.Steering.HandshakeLimit, _options.TimeProvider, CancellationToken.None);
            }
            catch (SystemCallException e)
            {
                _mailbox.Post(() => Announce(PoolEventKind.Warning, $"It is not known which handshakes have begun: {e.Message}"));
            }
        }
    }
}
