namespace WorkerPool.Operation;

/// <summary>The way back to the client that asked. One caller at a time.</summary>
internal interface IAnswers
{
    /// <summary>Cancelled when nobody listens any more.</summary>
    CancellationToken Gone { get; }

    /// <summary>Sends one line; returns when the kernel has it.</summary>
    /// <exception cref="OperationCanceledException">The client did not read for too long.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The client is gone.</exception>
    Task SendAsync(Answer answer);
}
