namespace WorkerPool.Sockets;

/// <summary>What a <see cref="DescriptorChannel"/> had to give.</summary>
internal enum ReceiveResult
{
    /// <summary>A descriptor.</summary>
    Received,

    /// <summary>Nothing at present.</summary>
    Empty,

    /// <summary>A descriptor waits, but this process has no room for it (RLIMIT_NOFILE). It stays in the channel.</summary>
    NoRoom,

    /// <summary>Nothing, and nothing will come: the other end is closed.</summary>
    Gone,
}
