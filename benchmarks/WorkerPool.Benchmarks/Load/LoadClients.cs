using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace WorkerPool.Benchmarks.Load;

/// <summary>The clients, a C program of one thread, in a process of their own.</summary>
internal sealed class LoadClients : IDisposable
{
    private readonly Process _process;

    private LoadClients(Process process) => _process = process;

    public static LoadClients Start(CProgram program, EndPoint target) => new(Process.Start(
        new ProcessStartInfo(program.Path, [target is IPEndPoint address ? address.Port.ToString(CultureInfo.InvariantCulture) : target.ToString()!])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    /// <summary>What is due from now on counts to this phase; a phase can be had again.</summary>
    public void Phase(string name) => Say($"phase {name}");

    /// <summary>So many connections in a second, whatever becomes of them.</summary>
    public void Rate(double connections) => Say(string.Create(CultureInfo.InvariantCulture, $"rate {connections}"));

    /// <summary>So many connections at a time, each followed by the next.</summary>
    public void Clients(int count) => Say(string.Create(CultureInfo.InvariantCulture, $"clients {count}"));

    /// <summary>Waits for the last connection.</summary>
    public async Task<Dictionary<string, LoadPhase>> StopAsync()
    {
        Say("stop");
        string[] lines = (await _process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await _process.WaitForExitAsync();
        return _process.ExitCode == 0
            ? lines.Select(LoadPhase.Parse).ToDictionary(phase => phase.Name)
            : throw new InvalidOperationException($"The clients ended with {_process.ExitCode}.");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Say(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }
}

/// <summary>What became of the connections of a phase; times in milliseconds from the moment at which each was due.</summary>
internal sealed record LoadPhase(
    string Name, double Seconds, long Served, long Lost, double P50, double P90, double P99, double P999, double Max, long[] Slots)
{
    public static LoadPhase Parse(string line)
    {
        string[] parts = line.Split(' ');
        double[] numbers = [.. parts[1..].Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        return new LoadPhase(
            parts[0], numbers[0], (long)numbers[1], (long)numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7],
            [.. numbers[8..].Select(number => (long)number)]);
    }
}
