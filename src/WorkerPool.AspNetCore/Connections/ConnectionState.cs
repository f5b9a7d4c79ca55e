namespace WorkerPool.AspNetCore.Connections;

/// <summary>What a connection is doing, as far as a drain has to know.</summary>
internal enum ConnectionState
{
    /// <summary>A request is being served, or a TLS handshake is under way, or a WebSocket is open.</summary>
    Busy,

    /// <summary>HTTP/1.1, between two requests.</summary>
    Idle,

    /// <summary>HTTP/2 on which requests have come, whether some are being served or not.</summary>
    Http2,

    /// <summary>Nothing has come yet.</summary>
    Fresh,

    /// <summary>Something has come, but no whole request (or what is left of a request that the app did not read).</summary>
    Partial,

    /// <summary>It was told to end already.</summary>
    Leaving,
}
