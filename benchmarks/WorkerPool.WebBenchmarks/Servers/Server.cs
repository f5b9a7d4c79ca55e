using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>A server that runs, of one process or several.</summary>
internal abstract class Server : IDisposable
{
    public abstract int Port { get; }

    /// <summary>All its processes, a master included.</summary>
    protected abstract IReadOnlyList<int> Processes { get; }

    /// <summary>Of all threads of all processes.</summary>
    public double CpuMicroseconds() => Processes.Sum(Native.CpuMicroseconds);

    /// <summary>Proportional set size of all processes, see proc_pid_smaps(5).</summary>
    public double MemoryMegabytes() => Processes.Sum(ProcessMemory.Megabytes);

    public abstract void Dispose();

    public static Server Start(ServerSpec spec) => spec.Kind switch
    {
        PlainServer.Role => new PlainServers(spec),
        PooledServers.Kind => new PooledServers(spec),
        _ => throw new FormatException($"\"{spec.Kind}\" is no kind of server."),
    };
}
