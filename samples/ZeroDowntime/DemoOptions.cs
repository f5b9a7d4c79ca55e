using ZeroDowntime.Load;

namespace ZeroDowntime;

/// <summary>What the demonstration does.</summary>
internal sealed record DemoOptions
{
    public required int Workers { get; init; }

    /// <summary>Memory that each worker holds beside what it needs, in units of 2^20 bytes.</summary>
    public required int BallastMegabytes { get; init; }

    /// <summary>Start all new workers, then stop all old ones: what not to do.</summary>
    public required bool AllAtOnce { get; init; }

    public required LoadOptions Load { get; init; }

    /// <summary>How many connections of each kind wait around a replacement.</summary>
    public required int Waiting { get; init; }

    public required TimeSpan WarmUp { get; init; }

    public required TimeSpan Steady { get; init; }

    /// <summary>The quiet time after each of the other phases.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>The time that a draining worker has; less than the life of a stream means losses.</summary>
    public required TimeSpan DrainDeadline { get; init; }

    /// <summary>Where the picture goes.</summary>
    public required string Picture { get; init; }

    /// <summary>Where the results go as JSON; null: nowhere.</summary>
    public string? Json { get; init; }

    /// <summary>Lines, even on a terminal.</summary>
    public required bool Plain { get; init; }
}
