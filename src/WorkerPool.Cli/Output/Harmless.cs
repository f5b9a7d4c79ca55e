namespace WorkerPool.Cli.Output;

/// <summary>What workers and other clients have written may hold anything, also what changes a terminal. Pure.</summary>
internal static class Harmless
{
    public static string Text(string line) => string.Concat(line.Select(c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c));
}
