namespace WorkerPool;

/// <summary>A slot at one moment. Immutable.</summary>
public sealed record SlotStatus
{
    /// <summary>The number of the slot, from 0.</summary>
    public required int Slot { get; init; }

    /// <summary>What goes on in the slot.</summary>
    public required SlotState State { get; init; }

    /// <summary>The label of the release that the slot runs, or would run.</summary>
    public required string Label { get; init; }

    /// <summary>What an operator gave the slot in relation to others; 1 is ordinary.</summary>
    public required double Weight { get; init; }

    /// <summary>The part of all new connections that goes to the slot now, 0 to 1; without steering all slots have the same.</summary>
    public required double Share { get; init; }

    /// <summary>The worker processes of the slot, oldest first: none, one, or two while one replaces the other.</summary>
    public required IReadOnlyList<WorkerStatus> Workers { get; init; }

    /// <summary>How often in a row a worker died before it had proved to be stable.</summary>
    public required int ConsecutiveDeaths { get; init; }

    /// <summary>Whether workers died too often in a row, and none has proved to be stable since: attempts are rare.</summary>
    public bool IsBreakerOpen { get; init; }

    /// <summary>
    /// How many connections the workers of this slot have accepted, those included that have ended; see
    /// <see cref="PoolStatus.AcceptedTotal"/>.
    /// </summary>
    public long AcceptedTotal { get; init; }

    /// <summary>How the last worker of the slot ended, if one did.</summary>
    public ExitStatus? LastExit { get; init; }

    /// <summary>When the next attempt to start a worker is due, if one is scheduled.</summary>
    public DateTimeOffset? NextRespawn { get; init; }
}
