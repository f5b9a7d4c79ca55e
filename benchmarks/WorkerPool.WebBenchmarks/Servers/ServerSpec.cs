using System.Globalization;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>A server to be compared: which one, how many processes, with which variables.</summary>
internal sealed record ServerSpec(string Name, string Kind, int Count, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Reads <c>[NAME=]KIND:COUNT[,VARIABLE=VALUE ...]</c>, such as <c>plain:4,DOTNET_gcServer=0</c>.</summary>
    public static ServerSpec Parse(string text)
    {
        string[] parts = text.Split(',');
        string[] head = parts[0].Split('=');
        string[] kind = head[^1].Split(':');
        Dictionary<string, string> environment = [];
        foreach (string[] variable in parts.Skip(1).Select(part => part.Split('=', 2)))
        {
            environment[variable[0]] = variable[1];
        }

        int count = kind.Length > 1 ? int.Parse(kind[1], CultureInfo.InvariantCulture) : 1;
        return new ServerSpec(head.Length > 1 ? head[0] : text, kind[0], count, environment);
    }
}
