using System.Text.Json.Serialization;

namespace WorkerPool.Control;

/// <summary>
/// A message between master and worker, see docs/worker-protocol.md. A message of a type that this version does not
/// know is skipped by design, and so is a property that it does not know: the handshake decides the version, so a
/// newer peer may say more without breaking an older one.
/// </summary>
internal abstract record ControlMessage
{
    /// <summary>The value of "type" on the wire.</summary>
    public abstract string Type { get; }

    /// <summary>What is wrong with the values, as the end of a sentence that begins with the type; or null.</summary>
    public virtual string? Fault() => null;

    // TimeSpan holds about 9·10^11 s; a day less than ten years is more than any drain.
    private protected static string? FaultOfSeconds(string name, double seconds) =>
        seconds is >= 0 and <= 315_360_000 ? null : $"has a {name} of {seconds}; allowed are 0 to 315360000 seconds";
}

/// <summary>Worker to master, first: the versions that the worker speaks, both inclusive, and what it is written with.</summary>
internal sealed record Hello(int ProtocolMin, int ProtocolMax, string Library) : ControlMessage
{
    public override string Type => "hello";

    public override string? Fault() =>
        ProtocolMin >= 1 && ProtocolMin <= ProtocolMax
            ? null
            : $"has protocolMin {ProtocolMin} and protocolMax {ProtocolMax}; needed is 1 ≤ protocolMin ≤ protocolMax";
}

/// <summary>Worker to master: it accepts from now on.</summary>
/// <param name="TakesOver">Which idle connections of other workers it goes on to serve; none if it does not say.</param>
internal sealed record Ready(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TakenOver[] TakesOver = null!) : ControlMessage
{
    public override string Type => "ready";

    public override string? Fault() =>
        TakesOver?.Any(taken => taken is null) == true ? "has a null in takesOver" : null;
}

/// <summary>Idle connections of an endpoint, and the protocol that is spoken on them.</summary>
internal sealed record TakenOver(string Endpoint, string Protocol);

/// <summary>Worker to master, about once a second and while it drains at each change: live connections, and all so far.</summary>
internal sealed record Report(int Connections, long Accepted) : ControlMessage
{
    public override string Type => "report";

    public override string? Fault() =>
        Connections >= 0 && Accepted >= 0
            ? null
            : $"has connections {Connections} and accepted {Accepted}; neither may be negative";
}

/// <summary>Worker to master, again and again: it still gets to its work. From the first one on it is held to that.</summary>
/// <param name="Debugged">Whether a debugger is attached, which may stop it at any time: it is not held to it, then.</param>
internal sealed record Heartbeat(bool Debugged = false) : ControlMessage
{
    public override string Type => "heartbeat";
}

/// <summary>Master to worker, the answer to <see cref="Hello"/>: the version that both speak from now on, and the settings.</summary>
/// <param name="Protocol">The version, one that <see cref="Hello"/> offered.</param>
/// <param name="Label">The label of the release that the worker runs.</param>
/// <param name="DrainDeadlineSeconds">The time to finish in when the worker has to drain unasked (the master is gone).</param>
/// <param name="OnMasterLoss"><see cref="Drain"/> or <see cref="Serve"/>.</param>
/// <param name="Endpoints">The names of the endpoints; the n-th is descriptor 3 + n.</param>
/// <param name="Hold">Whether to leave the listeners' queues alone, also when ready, until <see cref="Accept"/>.</param>
/// <param name="HeartbeatSeconds">The longest time between two heartbeats; 0: none are wanted.</param>
internal sealed record Welcome(
    int Protocol, string Label, double DrainDeadlineSeconds, string OnMasterLoss, string[] Endpoints, bool Hold = false, double HeartbeatSeconds = 0) : ControlMessage
{
    public const string Drain = "drain";
    public const string Serve = "serve";

    public override string Type => "welcome";

    public override string? Fault() =>
        Protocol < 1 ? $"has a protocol of {Protocol}; the first is 1"
        : OnMasterLoss is not (Drain or Serve) ? $"has an onMasterLoss of \"{OnMasterLoss}\"; allowed are \"{Drain}\" and \"{Serve}\""
        : FaultOfSeconds("drainDeadlineSeconds", DrainDeadlineSeconds) ?? FaultOfSeconds("heartbeatSeconds", HeartbeatSeconds);
}

/// <summary>Master to worker, instead of <see cref="Welcome"/>: they have no version in common; the worker exits.</summary>
internal sealed record Refuse(string Reason) : ControlMessage
{
    public override string Type => "refuse";
}

/// <summary>Master to worker: a worker that was told to hold takes from the listeners' queues from now on.</summary>
internal sealed record Accept : ControlMessage
{
    public override string Type => "accept";
}

/// <summary>Master to worker: open your log files anew, somebody has moved them.</summary>
internal sealed record Reopen : ControlMessage
{
    public override string Type => "reopen";
}

/// <summary>Master to worker: stop accepting, finish what is there, exit 0.</summary>
/// <param name="DeadlineSeconds">The time until <see cref="Stop"/>.</param>
/// <param name="TakeQueue">Whether to accept first what waits in the queue now: nobody else will serve it.</param>
/// <param name="HandOver">Whether there are others who take its idle connections over, see <see cref="Ready"/>.</param>
internal sealed record Drain(double DeadlineSeconds, bool TakeQueue, bool HandOver = false) : ControlMessage
{
    public override string Type => "drain";

    public override string? Fault() => FaultOfSeconds("deadlineSeconds", DeadlineSeconds);
}

/// <summary>Master to worker: the drain deadline is reached, or there is no time to drain; end now.</summary>
internal sealed record Stop : ControlMessage
{
    public override string Type => "stop";
}
