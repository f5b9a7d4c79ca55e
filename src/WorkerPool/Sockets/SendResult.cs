namespace WorkerPool.Sockets;

/// <summary>What became of a descriptor given to a <see cref="DescriptorChannel"/>.</summary>
internal enum SendResult
{
    /// <summary>It is on its way: the receiver's end holds a copy, whatever happens to this process.</summary>
    Sent,

    /// <summary>The channel takes no more at present.</summary>
    Full,

    /// <summary>The other end is closed.</summary>
    Gone,
}
