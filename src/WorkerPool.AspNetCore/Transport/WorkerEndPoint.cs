using System.Net;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>An endpoint of the pool, as an address that only our transport can bind.</summary>
internal sealed class WorkerEndPoint(WorkerListener listener) : EndPoint
{
    public WorkerListener Listener => listener;

    public override string ToString() => $"{listener.Name} ({listener.LocalEndPoint})";
}
