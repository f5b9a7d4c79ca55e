using System.Globalization;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>One plain Kestrel, or several that share a port by SO_REUSEPORT.</summary>
internal sealed class PlainServers : Server
{
    private readonly List<ChildServer> _servers = [];

    public PlainServers(ServerSpec spec)
    {
        while (_servers.Count < spec.Count)
        {
            string port = Port.ToString(CultureInfo.InvariantCulture);
            _servers.Add(new ChildServer(spec, spec.Count == 1 ? [PlainServer.Role] : [PlainServer.Role, port, PlainServer.Share]));
        }
    }

    public override int Port => _servers.Count > 0 ? _servers[0].Port : 0;

    protected override IReadOnlyList<int> Processes => [.. _servers.Select(server => server.Id)];

    public override void Dispose() => _servers.ForEach(server => server.Dispose());
}
