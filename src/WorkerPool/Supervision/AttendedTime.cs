namespace WorkerPool.Supervision;

/// <summary>
/// The time in which the master could have heard somebody. While it was stopped, suspended or starved nobody looked at this
/// clock, and then no more than a step passes on it: who was silent meanwhile has perhaps spoken, and was not heard yet.
/// </summary>
/// <param name="deadline">The silence that is measured with it. A master that is away adds a <see cref="Steps"/>th of this at most.</param>
internal sealed class AttendedTime(TimeSpan deadline)
{
    /// <summary>So many steps, of heartbeats and of this clock alike, has a deadline.</summary>
    public const int Steps = 6;

    private TimeSpan _lastLook;

    public TimeSpan Step { get; } = deadline / Steps;

    public TimeSpan Now { get; private set; }

    /// <summary>When, outside, a time on this clock will have come, if it is looked at in time.</summary>
    public TimeSpan TimeOf(TimeSpan attended) => _lastLook + (attended - Now);

    /// <summary>Looks at the clock.</summary>
    /// <param name="now">The time as it is outside.</param>
    public TimeSpan Look(TimeSpan now)
    {
        TimeSpan passed = now - _lastLook;
        Now += passed < Step ? passed : Step;
        _lastLook = now;
        return Now;
    }
}
