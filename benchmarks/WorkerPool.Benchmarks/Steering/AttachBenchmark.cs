using System.Diagnostics;
using System.Globalization;
using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool.Benchmarks.Steering;

/// <summary>What a change of the table costs the master: few of them, and with pauses.</summary>
/// <remarks>
/// The kernel frees replaced programs later, and deadlocks when about 2,000 of them wait for it; see
/// <see cref="AttachPace"/>. So this attaches 20 times in a second, and 270 times in all.
/// </remarks>
internal static class AttachBenchmark
{
    private const int Attachments = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync()
    {
        Console.WriteLine("| slots | table | instructions | compile, µs | attach, µs: median / p90 / largest |");
        Console.WriteLine("|--:|---|--:|--:|--:|");
        foreach (int slots in (int[])[4, 64, 1024])
        {
            using EndpointSockets sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), slots);
            foreach (SteeringTable.Kind kind in Enum.GetValues<SteeringTable.Kind>())
            {
                await MeasureAsync(sockets, slots, kind);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(EndpointSockets sockets, int slots, SteeringTable.Kind kind)
    {
        double[] weights = SteeringTable.Of(kind, slots);
        double[] compiled = new double[Attachments];
        double[] attached = new double[Attachments];
        Libc.sock_filter[] program = [];
        for (int i = 0; i < Attachments; i++)
        {
            long start = Stopwatch.GetTimestamp();
            program = SteeringProgram.Compile(weights);
            compiled[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            start = Stopwatch.GetTimestamp();
            if (!WorkerPool.Sockets.Steering.TryAttach(sockets.Get(0), program, out string? refusal))
            {
                throw new InvalidOperationException(refusal);
            }

            attached[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            await Task.Delay(Pause);
        }

        Array.Sort(compiled);
        Array.Sort(attached);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {slots} | {kind} | {program.Length} | {compiled[Attachments / 2]:F0} | {attached[Attachments / 2]:F0} / {attached[Attachments * 9 / 10]:F0} / {attached[^1]:F0} |"));
    }
}
