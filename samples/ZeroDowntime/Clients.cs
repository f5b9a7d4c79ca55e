using System.Globalization;
using System.Net;
using ZeroDowntime.Load;
using ZeroDowntime.Roles;

namespace ZeroDowntime;

/// <summary>The process that plays the clients, as the demonstration sees it.</summary>
internal sealed class Clients : IAsyncDisposable
{
    private readonly RoleProcess _process;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _opened = [];
    private readonly List<Loss> _losses = [];
    private readonly List<PhaseLatency> _latencies = [];
    private readonly Task _reading;
    private Total? _total;

    private Clients(RoleProcess process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Where they stood a moment ago. Thread-safe.</summary>
    public Progress Progress { get; private set; } = new(0, 0, 0);

    /// <summary>Every connection that was lost. Complete after <see cref="FinishAsync"/>.</summary>
    public IReadOnlyList<Loss> Losses => _losses;

    /// <summary>After <see cref="FinishAsync"/>.</summary>
    public IReadOnlyList<PhaseLatency> Latencies => _latencies;

    public static Clients Start(IPEndPoint proxy, LoadOptions load) =>
        new(RoleProcess.Start([Role.Load, proxy.ToString(), .. load.ToArguments()]));

    /// <summary>What is opened from now on belongs to this phase. The first phase starts the load.</summary>
    public Task BeginPhaseAsync(string name) => _process.WriteLineAsync($"phase {name}");

    /// <summary>Opens connections that say nothing yet; ends when they are connected.</summary>
    public async Task OpenWaitingAsync(string group, int count)
    {
        TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _opened.Add(group, opened);
        }

        await _process.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"open {group} {count}"));
        await await Task.WhenAny(opened.Task, FailWhenGoneAsync());
    }

    /// <summary>Lets a group of waiting connections send, receive and end.</summary>
    public Task SendAsync(string group) => _process.WriteLineAsync($"send {group}");

    /// <summary>Opens nothing more, and waits until every connection has ended.</summary>
    public async Task<Total> FinishAsync()
    {
        await _process.WriteLineAsync("stop");
        await _reading;
        return _total ?? throw Gone();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FailWhenGoneAsync()
    {
        await _reading;
        throw Gone();
    }

    private static IOException Gone() => new("The process that makes the load has ended early; its standard error says why.");

    private async Task ReadAsync()
    {
        while (await _process.Output.ReadLineAsync() is string line)
        {
            Handle(LoadMessage.Parse(line));
        }
    }

    private void Handle(LoadMessage message)
    {
        switch (message)
        {
            case Progress progress:
                Progress = progress;
                break;
            case Held held:
                lock (_gate)
                {
                    _opened[held.Group].SetResult();
                }

                break;
            case Loss loss:
                _losses.Add(loss);
                break;
            case PhaseLatency latency:
                _latencies.Add(latency);
                break;
            case Total total:
                _total = total;
                break;
        }
    }
}
