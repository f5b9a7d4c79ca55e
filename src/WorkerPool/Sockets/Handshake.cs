namespace WorkerPool.Sockets;

/// <summary>A TCP connection that is half open: the client's SYN came and was answered, its ACK is awaited.</summary>
/// <remarks>
/// Named by its addresses, as they are on the wire. The kernel's number for it (the cookie) changes when the ACK comes,
/// a moment before the connection is in the accept queue.
/// </remarks>
internal readonly record struct Handshake(UInt128 Server, ushort ServerPort, UInt128 Client, ushort ClientPort);
