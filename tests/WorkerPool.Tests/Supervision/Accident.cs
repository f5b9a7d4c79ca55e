namespace WorkerPool.Tests.Supervision;

/// <summary>What befalls a pool without anybody's command.</summary>
internal enum Accident
{
    ViolateProtocol,
    WaitABit,
    WaitLong,
    WaitAndBeat,
    Hang,
    Recover,
    BreakSpawn,
    MendSpawn,
}
