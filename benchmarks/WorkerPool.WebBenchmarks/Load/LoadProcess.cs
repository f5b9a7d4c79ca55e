using System.Diagnostics;
using System.Text.Json;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>The load generator, as those who give it orders see it. One at a time.</summary>
internal sealed class LoadProcess : IDisposable
{
    private readonly Process _process;

    public LoadProcess()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [LoadRole.Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        _process = Process.Start(start)!;
    }

    public LoadResult Run(LoadOrder order)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(order));
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The load generator has ended.");
        return JsonSerializer.Deserialize<LoadResult>(line)!;
    }

    public double CpuMicroseconds() => Native.CpuMicroseconds(_process.Id);

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
