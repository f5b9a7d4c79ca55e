using System.Diagnostics;
using System.Globalization;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>One process that prints its port and ends with its standard input.</summary>
internal sealed class ChildServer : IDisposable
{
    private readonly Process _process;

    public ChildServer(ServerSpec spec, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(System.Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The server \"{spec.Name}\" ended before it listened.");
        Port = int.Parse(line, CultureInfo.InvariantCulture);
    }

    public int Id => _process.Id;

    public int Port { get; }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
