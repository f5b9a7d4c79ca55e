using System.Reflection;
using WorkerPool.Runtime;

namespace WorkerPool.Operation;

/// <summary>Does what clients ask for: each request is a call of the master.</summary>
internal sealed class OperationCommands(Master master)
{
    private static readonly MasterDescription Self = new(
        OperationProtocol.Version,
        typeof(Master).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "",
        Environment.ProcessId);

    /// <summary>Sends what the request has as answers, and gives its verdict.</summary>
    /// <exception cref="OperationCanceledException">The client is gone; what it asked for goes on.</exception>
    public async Task<Verdict> RunAsync(Request request, IAnswers answers) => request switch
    {
        HelloRequest => await TellAsync(new Answer { Hello = Self }, answers),
        StatusRequest status => await TellStatusAsync(status, answers),
        EventsRequest events => await FollowAsync(events, answers),
        StartRequest start => await master.StartAsync(start.Slot, PlanChanges.ReleaseOf(start.Release), answers.Gone),
        DrainRequest drain => await master.DrainAsync(drain.Slot, drain.Deadline, answers.Gone),
        ReplaceRequest replace => await master.ReplaceAsync(replace.Slot, PlanChanges.ReleaseOf(replace.Release), replace.Order, answers.Gone),
        ScaleRequest scale => await master.ScaleAsync(scale.Workers, PlanChanges.ReleaseOf(scale.Release), answers.Gone),
        RollRequest roll => await RollAsync(roll, answers),
        PauseRequest => await master.PauseRolloutAsync(answers.Gone),
        ResumeRequest => await master.ResumeRolloutAsync(answers.Gone),
        AbortRequest abort => await master.AbortRolloutAsync(abort.RollBack, answers.Gone),
        WeightRequest weight => await master.SetWeightAsync(weight.Slot, weight.Weight, answers.Gone),
        ShareRequest share => await master.SetShareAsync(share.Label, share.Share, answers.Gone),
        SuspendRespawnRequest => await master.SuspendRespawnAsync(answers.Gone),
        ResumeRespawnRequest => await master.ResumeRespawnAsync(answers.Gone),
        ReopenLogsRequest => await master.ReopenLogsAsync(answers.Gone),
        StopRequest stop => await master.StopAsync(stop.Mode, answers.Gone),
        _ => throw new NotSupportedException(request.GetType().Name),
    };

    private static async Task<Verdict> TellAsync(Answer answer, IAnswers answers)
    {
        await answers.SendAsync(answer);
        return Verdicts.Done("");
    }

    private async Task<Verdict> TellStatusAsync(StatusRequest request, IAnswers answers)
    {
        Verdict told = await TellAsync(new Answer { Status = master.Status }, answers);
        return request.Measure ? await TellAsync(new Answer { Measurement = await master.MeasureAsync(answers.Gone) }, answers) : told;
    }

    private async Task<Verdict> FollowAsync(EventsRequest request, IAnswers answers)
    {
        using EventReader events = master.OpenEvents(request.Last);
        await EventRelay.RunAsync(events, static _ => true, answers, request.Follow ? master.Stopped : Task.CompletedTask);
        return Verdicts.Done(request.Follow ? "The pool has stopped." : "");
    }

    private async Task<Verdict> RollAsync(RollRequest request, IAnswers answers)
    {
        if (request.Plan.Probe?.Endpoint is string endpoint)
        {
            _ = master.GetEndPoint(endpoint); // a name that is wrong shall cost no worker its start
        }

        RolloutPlan plan = PlanChanges.Apply(PlanOf(PlanChanges.ReleaseOf(request.Plan.Release)), request.Plan);
        using EventReader events = master.OpenEvents();
        Task<Verdict> rolling = master.RollUnlessAbandonedAsync(
            plan, abandon: request.AbortOnDisconnect ? answers.Gone : CancellationToken.None, answers.Gone);
        await EventRelay.RunAsync(events, static happened => happened.Rollout is not null, answers, rolling);
        return await rolling;
    }

    /// <summary>The pool's own plan may be made by code of the host, and that may fail in any way.</summary>
    private RolloutPlan PlanOf(Release? release)
    {
        try
        {
            return master.PlanRollout(release);
        }
        catch (Exception e)
        {
            throw new RequestException($"The pool's own plan cannot be made: {e.Message}");
        }
    }
}
