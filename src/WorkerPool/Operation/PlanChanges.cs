using System.Text;

namespace WorkerPool.Operation;

/// <summary>Makes plans, probes and releases of their descriptions. Pure, but that a release is looked up in the file system.</summary>
internal static class PlanChanges
{
    /// <summary>The plan with what was asked for instead of what it has; its release apart.</summary>
    public static RolloutPlan Apply(RolloutPlan plan, RolloutChanges changes) => plan with
    {
        Slots = changes.Slots ?? plan.Slots,
        Count = changes.Count ?? plan.Count,
        Order = changes.Order is RolloutOrder order ? OrderOf(order) : plan.Order,
        Parallelism = changes.Parallelism ?? plan.Parallelism,
        Surge = changes.Surge ?? plan.Surge,
        Unavailable = changes.Unavailable ?? plan.Unavailable,
        StartDeadline = changes.StartDeadline ?? plan.StartDeadline,
        DrainDeadline = changes.DrainDeadline ?? plan.DrainDeadline,
        Bake = changes.Bake ?? plan.Bake,
        Probe = changes.Probe is ProbeDescription probe ? ProbeOf(probe) : plan.Probe,
        MaxFailures = changes.MaxFailures ?? plan.MaxFailures,
        OnFailure = changes.OnFailure ?? plan.OnFailure,
        Deadline = changes.Deadline ?? plan.Deadline,
        MaxLingering = changes.MaxLingering ?? plan.MaxLingering,
        CheckMemory = changes.CheckMemory ?? plan.CheckMemory,
        DryRun = changes.DryRun ?? plan.DryRun,
        Supersede = changes.Supersede ?? plan.Supersede,
    };

    public static Release? ReleaseOf(ReleaseDescription? release) => release is null
        ? null
        : Release.Create(release.Executable, release.Arguments, release.Label, release.WorkingDirectory, release.Environment);

    private static ReplaceOrder? OrderOf(RolloutOrder order) => order switch
    {
        RolloutOrder.StartFirst => ReplaceOrder.StartFirst,
        RolloutOrder.StopFirst => ReplaceOrder.StopFirst,
        _ => null,
    };

    internal static HealthProbe? ProbeOf(ProbeDescription probe)
    {
        if (probe.Kind == ProbeKind.None)
        {
            return null;
        }

        string endpoint = probe.Endpoint ?? throw new RequestException("A probe needs the name of an \"endpoint\".");
        HealthProbe asked = probe.Kind == ProbeKind.Tcp
            ? HealthProbe.Tcp(endpoint, BytesOf(probe.Send), BytesOf(probe.Expect))
            : HealthProbe.Http(endpoint, probe.Path ?? "/", probe.MinStatus ?? 200, probe.MaxStatus ?? 299, probe.Host ?? "localhost");
        return asked with
        {
            Timeout = probe.Timeout ?? asked.Timeout,
            Attempts = probe.Attempts ?? asked.Attempts,
            Interval = probe.Interval ?? asked.Interval,
        };
    }

    private static byte[] BytesOf(string? text) => Encoding.UTF8.GetBytes(text ?? "");
}
