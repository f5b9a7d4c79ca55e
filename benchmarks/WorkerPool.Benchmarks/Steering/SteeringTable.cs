namespace WorkerPool.Benchmarks.Steering;

/// <summary>Tables of weights as they occur: from the usual to the worst.</summary>
public static class SteeringTable
{
    public enum Kind
    {
        /// <summary>One slot has no acceptor.</summary>
        OneOut,

        /// <summary>One slot has a tenth of the others' share.</summary>
        Canary,

        /// <summary>No slot has the weight of another.</summary>
        AllDifferent,
    }

    public static double[] Of(Kind kind, int slots)
    {
        double[] weights = [.. Enumerable.Repeat(1.0, slots)];
        switch (kind)
        {
            case Kind.OneOut:
                weights[slots / 2] = 0;
                break;
            case Kind.Canary:
                weights[slots / 2] = 0.1;
                break;
            case Kind.AllDifferent:
                weights = [.. Enumerable.Range(1, slots).Select(slot => 1 + 1.0 / slot)];
                break;
        }

        return weights;
    }
}
