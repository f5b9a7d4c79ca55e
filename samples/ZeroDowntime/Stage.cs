using System.Diagnostics;
using System.Net;
using WorkerPool;
using ZeroDowntime.Measure;
using ZeroDowntime.View;

namespace ZeroDowntime;

/// <summary>What the demonstration plays with: the pool, its clients, the clock, and who watches.</summary>
internal sealed class Stage(DemoOptions options, Master master, Clients clients, IView view)
{
    /// <summary>The name of the pool's only endpoint.</summary>
    public const string Endpoint = "proxy";

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<Phase> _phases = [];

    public DemoOptions Options { get; } = options;

    public Master Master { get; } = master;

    public Clients Clients { get; } = clients;

    public int Port { get; } = ((IPEndPoint)master.GetEndPoint(Endpoint)).Port;

    /// <summary>Since the start.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    public IReadOnlyList<Phase> Phases => _phases;

    /// <summary>Plays a phase: all requests that are scheduled while it lasts are counted to it.</summary>
    public async Task PlayAsync(string phase, Func<Task> play)
    {
        await Clients.BeginPhaseAsync(phase);
        view.Phase = phase;
        TimeSpan begin = Now;
        await play();
        _phases.Add(new Phase(phase, begin, Now));
    }

    public void Say(string line) => view.Say(Now, line);

    public void Say(PoolEvent happened)
    {
        string line = happened.Slot is int slot ? $"slot {slot}: {happened.Message}" : happened.Message;
        view.Say(Now, happened.Rollout is RolloutProgress progress ? $"{RolloutBar.Draw(progress)} {line}" : line);
    }
}
