namespace WorkerPool;

/// <summary>How a new worker is asked.</summary>
public enum ProbeKind
{
    /// <summary>It is not asked: it says itself that it is ready.</summary>
    None,

    /// <summary>See <see cref="HealthProbe.Tcp"/>.</summary>
    Tcp,

    /// <summary>See <see cref="HealthProbe.Http"/>.</summary>
    Http,
}
