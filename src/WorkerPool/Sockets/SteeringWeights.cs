namespace WorkerPool.Sockets;

/// <summary>The rules for a table of weights.</summary>
internal static class SteeringWeights
{
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are 0.</exception>
    public static void Validate(IReadOnlyList<double> weights)
    {
        for (int i = 0; i < weights.Count; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"The weight {weights[i]} at {i} is not possible; give 0 or a finite number above it."), nameof(weights));
            }
        }

        if (weights.All(weight => weight == 0))
        {
            throw new ArgumentException(
                "All weights are 0, so that nobody would get new connections. Decide who does; give a weight above 0.", nameof(weights));
        }
    }

    /// <summary>Also that no weight is for a slot that does not exist.</summary>
    public static void Validate(IReadOnlyList<double> weights, int slots)
    {
        Validate(weights);
        if (weights.Skip(slots).Any(weight => weight > 0))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"There is a weight for a slot from {slots} on, but the slots are 0 to {slots - 1}."), nameof(weights));
        }
    }

    /// <summary>Whether all indices have one weight above 0, as with the kernel's hash.</summary>
    public static bool AreEqual(IReadOnlyList<double> weights) => weights[0] > 0 && weights.All(weight => weight == weights[0]);
}
