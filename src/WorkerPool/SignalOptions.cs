namespace WorkerPool;

/// <summary>
/// What signals to the master do, after the conventions of nginx; docs/signals.md has the table. In force under
/// <see cref="Pool"/>, or after <see cref="Master.HandleSignals"/>.
/// </summary>
/// <remarks>
/// A signal that was ignored when the process was started stays ignored (nohup(1) does that to SIGHUP, a shell without job
/// control to SIGINT and SIGQUIT of a program that it starts with <c>&amp;</c>); the master says so when it starts.
/// </remarks>
public sealed class SignalOptions
{
    internal SignalOptions()
    {
    }

    /// <summary>Default: <see cref="SignalAction.Roll"/>.</summary>
    public SignalAction SIGHUP { get; set; } = SignalAction.Roll;

    /// <summary>Default: <see cref="SignalAction.Stop"/>, gracefully; a second one stops at once.</summary>
    public SignalAction SIGTERM { get; set; } = SignalAction.Stop;

    /// <summary>Default: <see cref="SignalAction.Stop"/>, gracefully; a second one stops at once.</summary>
    public SignalAction SIGQUIT { get; set; } = SignalAction.Stop;

    /// <summary>Default: <see cref="SignalAction.StopNow"/>. A terminal sends it for Ctrl+C.</summary>
    public SignalAction SIGINT { get; set; } = SignalAction.StopNow;

    /// <summary>Default: <see cref="SignalAction.ScaleUp"/>.</summary>
    public SignalAction SIGTTIN { get; set; } = SignalAction.ScaleUp;

    /// <summary>Default: <see cref="SignalAction.ScaleDown"/>.</summary>
    public SignalAction SIGTTOU { get; set; } = SignalAction.ScaleDown;

    /// <summary>
    /// Default: <see cref="SignalAction.DrainAll"/>. A terminal sends it whenever its window changes its size, so a master
    /// that has a controlling terminal leaves it alone, whatever this says.
    /// </summary>
    public SignalAction SIGWINCH { get; set; } = SignalAction.DrainAll;

    /// <summary>Default: <see cref="SignalAction.ReopenLogs"/>.</summary>
    public SignalAction SIGUSR1 { get; set; } = SignalAction.ReopenLogs;

    /// <summary>Default: <see cref="SignalAction.Upgrade"/>, which is reserved.</summary>
    public SignalAction SIGUSR2 { get; set; } = SignalAction.Upgrade;

    /// <summary>
    /// Whether <see cref="SignalAction.Roll"/> gives up a rollout that is under way for the new one, see
    /// <see cref="RolloutPlan.Supersede"/>. Default false: the new one is refused, unless its plan says otherwise.
    /// </summary>
    public bool SupersedeRollout { get; set; }

    /// <summary>
    /// For workers that are not written with this library: the number of the signal that tells them to open their log files
    /// anew, instead of the message <c>reopen</c> of the control channel. Default (null): the message. 1 to 64, without
    /// SIGKILL (9), SIGSTOP (19) and 32 to 34, which the C library and the .NET runtime have for themselves.
    /// </summary>
    /// <remarks>It is sent to workers that are ready, so that they had time to handle it: most signals end a process that does not.</remarks>
    public int? ReopenLogsSignal { get; set; }

    internal SignalOptions Copy() => (SignalOptions)MemberwiseClone();
}
