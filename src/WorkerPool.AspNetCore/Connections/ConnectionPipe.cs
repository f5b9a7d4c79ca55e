using System.IO.Pipelines;

namespace WorkerPool.AspNetCore.Connections;

internal sealed class ConnectionPipe(ConnectionReader input, PipeWriter output) : IDuplexPipe
{
    public ConnectionReader Input => input;

    PipeReader IDuplexPipe.Input => input;

    PipeWriter IDuplexPipe.Output => output;
}
