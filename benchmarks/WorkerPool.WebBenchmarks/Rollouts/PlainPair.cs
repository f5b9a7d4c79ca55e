using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tmds.Linux;
using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>
/// What people do without a pool: processes of Kestrel alone that share a port by SO_REUSEPORT; a new one is started, and
/// when it has started the old one gets SIGTERM.
/// </summary>
internal sealed class PlainPair : RolledServer
{
    private readonly RolloutOptions _options;
    private readonly List<Process> _processes = [];

    private PlainPair(RolloutOptions options) => _options = options;

    public override IPEndPoint Http { get; } = FreePort();

    public override IPEndPoint Http2 { get; } = FreePort();

    public override IEnumerable<int> Processes
    {
        get
        {
            lock (_processes)
            {
                return [.. _processes.Select(process => process.Id)];
            }
        }
    }

    public static new async Task<RolledServer> StartAsync(RolloutOptions options)
    {
        PlainPair pair = new(options);
        for (int i = 0; i < options.Processes; i++)
        {
            await pair.AddAsync();
        }

        return pair;
    }

    public override async Task RollAsync()
    {
        for (int i = 0; i < _options.Processes; i++)
        {
            await AddAsync();
            await EndFirstAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        while (_processes.Count > 0)
        {
            await EndFirstAsync();
        }
    }

    private async Task AddAsync()
    {
        ProcessStartInfo start = new(_options.Command[0], [.. _options.Command[1..], "--plain", "--listen", $"{Http}", "--listen-h2c", $"{Http2}"])
        {
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        _ = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server ended before it had started.");
        lock (_processes)
        {
            _processes.Add(process);
        }
    }

    private async Task EndFirstAsync()
    {
        using Process process = _processes[0];
        Native.Check(LibC.kill(process.Id, LibC.SIGTERM), "kill(SIGTERM)");
        await process.WaitForExitAsync();
        lock (_processes)
        {
            _processes.RemoveAt(0);
        }
    }

    private static IPEndPoint FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
