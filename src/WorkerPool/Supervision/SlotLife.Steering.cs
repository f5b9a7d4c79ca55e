namespace WorkerPool.Supervision;

/// <summary>What the slot wants of the new connections.</summary>
internal sealed partial class SlotLife
{
    // Fine enough to be smooth, coarse enough that the kernel's program changes seldom.
    private const int RampSteps = 10;

    private int _rampStep = RampSteps;

    /// <summary>What the operator gave the slot; 1 is the ordinary weight.</summary>
    public double Weight
    {
        get;
        set
        {
            field = value;
            Changed();
        }
    } = 1;

    /// <summary>What is left to the slot while, and after, it is behind the others.</summary>
    public Balance Balance { get; set; } = Balance.Even;

    /// <summary>What is left to it because of the connections that its worker serves; 1: all.</summary>
    public double LoadRelief { get; set; } = 1;

    /// <summary>The part of all new connections that the slot gets, 0 to 1; for display.</summary>
    public double Share
    {
        get;
        set
        {
            if (field != value)
            {
                field = value;
                Changed();
            }
        }
    }

    /// <summary>Whether somebody accepts here who was not told to stop, and is heard.</summary>
    public bool Accepts => Serving is { State: WorkerState.Ready, IsUnresponsive: false };

    /// <summary>What the slot gets in relation to the others, before the shares of releases.</summary>
    public double Claim => Accepts ? Weight * Balance.Relief * LoadRelief * _rampStep / RampSteps : 0;

    /// <summary>Everything that decides what the slot gets, but for the others.</summary>
    public SteeringClaim SteeringClaim => new(Claim, Accepts, Serving?.Release.Label ?? Release.Label);

    private TimeSpan? NextRampAt => _rampStep < RampSteps && Serving?.ReadySince is TimeSpan since
        ? since + (context.Settings.SlowStart * _rampStep / RampSteps)
        : null;

    private void BeginRamp()
    {
        _rampStep = context.Settings.SlowStart > TimeSpan.Zero ? 1 : RampSteps;
        Balance = Balance.Even;
        LoadRelief = 1;
    }

    private void Ramp(TimeSpan now)
    {
        while (NextRampAt <= now)
        {
            _rampStep++;
        }
    }
}
