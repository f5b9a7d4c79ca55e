namespace WorkerPool.Hosting.Configuration;

/// <summary>
/// The keys <c>Endpoints:NAME:Address</c> and so on. An endpoint of a name that the program uses too takes its place; what is
/// not given stays as the program has it.
/// </summary>
internal sealed class EndpointKeys(PoolOptions options)
{
    private const string Group = "Endpoints:";

    private readonly Dictionary<string, string> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, string Key, Action<ListenEndpoint> Set)> _settings = [];

    /// <summary>False: there is no such key.</summary>
    public bool TrySet(string key, string value)
    {
        string[] parts = key.Split(':');
        if (!key.StartsWith(Group, StringComparison.OrdinalIgnoreCase) || parts.Length != 3)
        {
            return false;
        }

        string name = parts[1];
        switch (parts[2].ToUpperInvariant())
        {
            case "ADDRESS":
                _ = ListenEndpoint.Parse(name, value);
                _addresses[name] = value;
                return true;
            case "BACKLOG":
                int backlog = ValueText.Int32(value);
                return Remember(name, key, endpoint => endpoint.Backlog = backlog);
            case "NODELAY":
                bool noDelay = ValueText.Boolean(value);
                return Remember(name, key, endpoint => endpoint.NoDelay = noDelay);
            case "UNIXMODE":
                UnixFileMode mode = ValueText.Mode(value);
                return Remember(name, key, endpoint => endpoint.UnixMode = mode);
            default:
                throw new FormatException("an endpoint has Address, Backlog, NoDelay and UnixMode.");
        }
    }

    /// <summary>When all keys are known: puts the endpoints into the options.</summary>
    public IEnumerable<(string Key, string What)> Listen()
    {
        foreach ((string name, string address) in _addresses)
        {
            options.ListenInstead(ListenEndpoint.Parse(name, address));
        }

        foreach ((string name, string key, Action<ListenEndpoint> set) in _settings)
        {
            if (Try(name, key, set) is (string, string) fault)
            {
                yield return fault;
            }
        }
    }

    private (string Key, string What)? Try(string name, string key, Action<ListenEndpoint> set)
    {
        ListenEndpoint? endpoint = options.Endpoints.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase));
        if (endpoint is null)
        {
            return (key, $"is of an endpoint that has no address: set {Group}{name}:Address.");
        }

        try
        {
            set(endpoint);
            return null;
        }
        catch (ArgumentException e)
        {
            return (key, $"is not possible: {e.Message.Split('\n')[0]}");
        }
    }

    private bool Remember(string name, string key, Action<ListenEndpoint> set)
    {
        _settings.Add((name, key, set));
        return true;
    }
}
