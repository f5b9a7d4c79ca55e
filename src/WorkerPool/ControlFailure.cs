namespace WorkerPool;

/// <summary>Why a master cannot be talked to over its control socket.</summary>
public enum ControlFailure
{
    /// <summary>There is no such socket, or nobody listens on it: the master does not run, or has another path.</summary>
    NoMaster,

    /// <summary>This user may not give commands to that master.</summary>
    NotPermitted,

    /// <summary>The master has as many clients as it takes.</summary>
    Busy,

    /// <summary>The other end speaks another version of the protocol, or something else.</summary>
    Protocol,

    /// <summary>The connection ended before the verdict: the master has ended, or treats this client as gone.</summary>
    ConnectionLost,
}
