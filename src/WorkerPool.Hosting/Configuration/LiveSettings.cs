using System.Globalization;

namespace WorkerPool.Hosting.Configuration;

/// <summary>What follows the configuration while the pool runs. Immutable.</summary>
/// <param name="WorkerCount">The number of workers.</param>
/// <param name="Weights">Slots whose weight is not 1; keys <c>Weights:SLOT</c>.</param>
/// <param name="Shares">Releases that get an exact part; keys <c>Shares:LABEL</c>.</param>
internal sealed record LiveSettings(
    int WorkerCount, IReadOnlyDictionary<int, double> Weights, IReadOnlyDictionary<string, double> Shares)
{
    private const string WeightGroup = "Weights:";
    private const string ShareGroup = "Shares:";

    /// <summary>Checks a key; false: there is no such key.</summary>
    public static bool TrySet(string key, string value) => WeightOf(key, value) is not null || ShareOf(key, value) is not null;

    /// <param name="workerCount">The number, from the options.</param>
    /// <param name="values">Keys and values, checked before.</param>
    public static LiveSettings From(int workerCount, IReadOnlyDictionary<string, string> values) => new(
        workerCount,
        values.Select(pair => WeightOf(pair.Key, pair.Value)).OfType<(int Slot, double Weight)>().ToDictionary(one => one.Slot, one => one.Weight),
        values.Select(pair => ShareOf(pair.Key, pair.Value)).OfType<(string Label, double Share)>().ToDictionary(one => one.Label, one => one.Share));

    /// <summary>The commands that lead from these settings to others, in their order: slots that are weighed must exist.</summary>
    public IReadOnlyList<LiveChange> To(LiveSettings next)
    {
        List<LiveChange> changes = [];
        if (next.WorkerCount != WorkerCount)
        {
            changes.Add(new LiveChange.Scale(next.WorkerCount));
        }

        foreach (int slot in Weights.Keys.Union(next.Weights.Keys).Order())
        {
            double weight = next.Weights.GetValueOrDefault(slot, 1);
            if (weight != Weights.GetValueOrDefault(slot, 1))
            {
                changes.Add(new LiveChange.Weigh(slot, weight));
            }
        }

        // Shares that go down first, since together they may never be more than 1.
        foreach (string label in Shares.Keys.Union(next.Shares.Keys).OrderBy(label => ShareIn(next, label) - ShareIn(this, label)))
        {
            if (ShareIn(next, label) != ShareIn(this, label))
            {
                changes.Add(new LiveChange.Share(label, next.Shares.TryGetValue(label, out double share) ? share : null));
            }
        }

        return changes;
    }

    private static double ShareIn(LiveSettings settings, string label) => settings.Shares.GetValueOrDefault(label, -1);

    private static (int, double)? WeightOf(string key, string value)
    {
        if (!key.StartsWith(WeightGroup, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!int.TryParse(key[WeightGroup.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int slot) || slot >= PoolOptions.MaxWorkerCount)
        {
            throw new FormatException("the key must be the number of a slot, from 0.");
        }

        double weight = ValueText.Double(value);
        Runtime.OptionsCheck.Weight(weight);
        return (slot, weight);
    }

    private static (string, double)? ShareOf(string key, string value)
    {
        if (!key.StartsWith(ShareGroup, StringComparison.OrdinalIgnoreCase) || key.Length == ShareGroup.Length)
        {
            return null;
        }

        double share = ValueText.Double(value);
        Runtime.OptionsCheck.Share(share);
        return (key[ShareGroup.Length..], share);
    }
}

/// <summary>A command to the master that a change of the configuration brings.</summary>
internal abstract record LiveChange
{
    public abstract Task<Verdict> DoAsync(Master master, CancellationToken cancellationToken);

    internal sealed record Scale(int WorkerCount) : LiveChange
    {
        public override Task<Verdict> DoAsync(Master master, CancellationToken cancellationToken) =>
            master.ScaleAsync(WorkerCount, cancellationToken: cancellationToken);
    }

    internal sealed record Weigh(int Slot, double Weight) : LiveChange
    {
        public override Task<Verdict> DoAsync(Master master, CancellationToken cancellationToken) =>
            master.SetWeightAsync(Slot, Weight, cancellationToken);
    }

    internal sealed record Share(string Label, double? Part) : LiveChange
    {
        public override Task<Verdict> DoAsync(Master master, CancellationToken cancellationToken) =>
            master.SetShareAsync(Label, Part, cancellationToken);
    }
}
