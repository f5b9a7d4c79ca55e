using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace WorkerPool.Hosting.Configuration;

/// <summary>
/// Brings the pool to what the configuration says, whenever that changes. What cannot be changed is said once; what is
/// wrong changes nothing.
/// </summary>
internal sealed partial class LiveConfiguration : IAsyncDisposable
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _ending = new();
    private readonly PoolConfiguration _configuration;
    private readonly IOptionsFactory<PoolOptions> _factory;
    private readonly Master _master;
    private readonly ILogger _logger;
    private readonly IDisposable _registration;
    private Dictionary<string, string> _values;
    private LiveSettings _settings;
    private Task _following = Task.CompletedTask;

    public LiveConfiguration(
        PoolConfiguration configuration, IOptionsFactory<PoolOptions> factory, PoolOptions options, Master master, ILogger logger)
    {
        _configuration = configuration;
        _factory = factory;
        _master = master;
        _logger = logger;
        _values = configuration.Values();
        _settings = LiveSettings.From(options.WorkerCount, new Dictionary<string, string>());
        _registration = ChangeToken.OnChange(() => configuration.ReloadToken, () => _changes.Writer.TryWrite(true));
    }

    /// <summary>Sets the weights and shares of the start, and follows from then on.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await ApproachAsync(LiveSettings.From(_settings.WorkerCount, _values), cancellationToken);
        _following = FollowAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _registration.Dispose();
        await _ending.CancelAsync();
        await _following;
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (bool _ in _changes.Reader.ReadAllAsync(_ending.Token))
            {
                await ChangeAsync();
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task ChangeAsync()
    {
        Dictionary<string, string> values = _configuration.Values();
        int workerCount;
        try
        {
            workerCount = _factory.Create(Options.DefaultName).WorkerCount;
        }
        catch (OptionsValidationException e)
        {
            LogInvalid(_logger, string.Join(' ', e.Failures));
            return;
        }

        string[] fixedKeys = [.. Changed(_values, values).Where(NeedsRestart).Select(_configuration.KeyOf)];
        if (fixedKeys.Length > 0)
        {
            LogNeedsRestart(_logger, string.Join(", ", fixedKeys));
        }

        _values = values;
        await ApproachAsync(LiveSettings.From(workerCount, values), _ending.Token);
    }

    private async Task ApproachAsync(LiveSettings next, CancellationToken cancellationToken)
    {
        foreach (LiveChange change in _settings.To(next))
        {
            Verdict verdict = await WhenNotBusyAsync(change, cancellationToken);
            if (!verdict.IsDone)
            {
                LogRefused(_logger, change, verdict.Message);
            }
        }

        _settings = next;
    }

    /// <summary>While a rollout or another change is under way the pool refuses; the configuration does not go away, so it waits.</summary>
    private async Task<Verdict> WhenNotBusyAsync(LiveChange change, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<PoolEvent> events = _master.ReadEventsAsync(cancellationToken);
        Verdict verdict = await change.DoAsync(_master, cancellationToken);
        if (verdict.Reason != VerdictReason.Busy)
        {
            return verdict;
        }

        LogWaits(_logger, change, verdict.Message);
        await foreach (PoolEvent ended in events)
        {
            if (ended is { Kind: PoolEventKind.CommandEnded, Verdict.Reason: not VerdictReason.Busy })
            {
                verdict = await change.DoAsync(_master, cancellationToken);
                if (verdict.Reason != VerdictReason.Busy)
                {
                    break;
                }
            }
        }

        return verdict;
    }

    internal static IEnumerable<string> Changed(Dictionary<string, string> before, Dictionary<string, string> after) =>
        before.Keys.Union(after.Keys, StringComparer.OrdinalIgnoreCase).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)).Order();

    internal static bool NeedsRestart(string key) =>
        !key.Equals("WorkerCount", StringComparison.OrdinalIgnoreCase)
        && !key.StartsWith("Weights:", StringComparison.OrdinalIgnoreCase)
        && !key.StartsWith("Shares:", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(10, LogLevel.Error, "The configuration has changed and is not valid; nothing is changed. {Faults}")]
    private static partial void LogInvalid(ILogger logger, string faults);

    [LoggerMessage(11, LogLevel.Warning, "The configuration has changed in {Keys}, which takes effect when the master is started again.")]
    private static partial void LogNeedsRestart(ILogger logger, string keys);

    [LoggerMessage(12, LogLevel.Warning, "The configuration wants {Change}, which is not done: {Reason}")]
    private static partial void LogRefused(ILogger logger, LiveChange change, string reason);

    [LoggerMessage(13, LogLevel.Information, "The configuration wants {Change}, which waits: {Reason}")]
    private static partial void LogWaits(ILogger logger, LiveChange change, string reason);
}
