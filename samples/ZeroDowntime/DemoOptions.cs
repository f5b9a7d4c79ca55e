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

    /// <summary>How the release is bad that is rolled out instead, one of <see cref="Rolls.BadRelease.Kinds"/>; null: none is.</summary>
    public string? Bad { get; init; }

    /// <summary>Whether the kernel is told which slots accept.</summary>
    public required bool Steering { get; init; }

    /// <summary>What each worker waits before it is ready.</summary>
    public required int StartDelayMilliseconds { get; init; }

    /// <summary>The time that a worker of a bad release has to be ready and healthy.</summary>
    public TimeSpan BadStartDeadline => TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(StartDelayMilliseconds);

    /// <summary>How long a new worker must serve before a rollout goes on.</summary>
    public required TimeSpan Bake { get; init; }

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
