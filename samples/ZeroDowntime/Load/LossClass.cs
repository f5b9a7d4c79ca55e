namespace ZeroDowntime.Load;

/// <summary>How a connection was lost, as its client saw it.</summary>
internal enum LossClass
{
    /// <summary>Nobody listened (ECONNREFUSED).</summary>
    Refused,

    /// <summary>It was cut (ECONNRESET, EPIPE).</summary>
    Reset,

    /// <summary>It did not end in the time that it had.</summary>
    Timeout,

    /// <summary>It ended in order, but bytes are missing.</summary>
    Short,

    /// <summary>There were wrong bytes, or too many.</summary>
    Corrupt,

    /// <summary>Anything else; also what went wrong on the client's own side.</summary>
    Other,
}
