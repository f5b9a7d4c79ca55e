namespace ZeroDowntime.Load;

/// <summary>What a client's connection is for.</summary>
internal enum ConnectionKind
{
    /// <summary>One request: some bytes there, the same bytes back.</summary>
    Request,

    /// <summary>Bytes to and fro for seconds.</summary>
    Stream,

    /// <summary>Connects, and then says nothing until it is told to.</summary>
    Waiting,
}
