namespace WorkerPool.Supervision;

/// <summary>What a slot wants of the new connections.</summary>
/// <param name="Weight">In relation to the others.</param>
/// <param name="Accepts">Whether somebody accepts there.</param>
/// <param name="Label">The release that would get them.</param>
internal readonly record struct SteeringClaim(double Weight, bool Accepts, string Label);

/// <summary>Which part of the new connections each slot gets.</summary>
/// <remarks>
/// <code>
/// a release that was given a share   its slots have exactly this share together, in the proportion of their claims
/// all other slots that accept        have the rest, in the proportion of their claims
/// nobody accepts                     all slots alike: clients wait in queues that the next workers will serve
/// nobody claims anything             those who accept, alike
/// </code>
/// </remarks>
internal static class SteeringTable
{
    /// <summary>The weight of each slot, in order; they add up to 1.</summary>
    public static double[] Compute(IReadOnlyList<SteeringClaim> slots, IReadOnlyDictionary<string, double> shares)
    {
        double[] table = [.. slots.Select(slot => slot.Weight)];
        if (table.Sum() <= 0)
        {
            bool nobody = !slots.Any(slot => slot.Accepts);
            table = [.. slots.Select(slot => nobody || slot.Accepts ? 1.0 : 0.0)];
        }

        if (shares.Count > 0)
        {
            ApplyShares(table, slots, shares);
        }

        double sum = table.Sum();
        return [.. table.Select(weight => weight / sum)];
    }

    private static void ApplyShares(double[] table, IReadOnlyList<SteeringClaim> slots, IReadOnlyDictionary<string, double> shares)
    {
        Dictionary<string, double> claims = [];
        double others = 0;
        for (int slot = 0; slot < table.Length; slot++)
        {
            string label = slots[slot].Label;
            if (shares.ContainsKey(label))
            {
                claims[label] = claims.GetValueOrDefault(label) + table[slot];
            }
            else
            {
                others += table[slot];
            }
        }

        // Where nobody is there to have the rest, the shares are what they are to each other.
        double given = shares.Where(share => claims.GetValueOrDefault(share.Key) > 0).Sum(share => share.Value);
        double rest = others > 0 ? Math.Max(0, 1 - given) / others : 0;
        if (given <= 0 && rest <= 0)
        {
            return; // shares of nothing
        }

        for (int slot = 0; slot < table.Length; slot++)
        {
            string label = slots[slot].Label;
            double factor = shares.TryGetValue(label, out double share) ? share / claims[label] : rest;
            table[slot] = table[slot] > 0 ? table[slot] * factor : 0;
        }
    }
}
