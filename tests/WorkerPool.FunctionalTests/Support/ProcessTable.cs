using System.Globalization;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>What proc(5) says about processes.</summary>
internal static class ProcessTable
{
    public sealed record Entry(int Id, char State, int Parent, int Group);

    public static IEnumerable<Entry> ChildrenOf(int parent) => All().Where(entry => entry.Parent == parent);

    public static IEnumerable<Entry> ZombiesOf(int parent) => ChildrenOf(parent).Where(entry => entry.State == 'Z');

    public static Entry? Find(int id) => Read($"/proc/{id.ToString(CultureInfo.InvariantCulture)}");

    private static IEnumerable<Entry> All() => Directory.EnumerateDirectories("/proc")
        .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
        .Select(Read)
        .OfType<Entry>();

    private static Entry? Read(string directory)
    {
        try
        {
            // The name, in parentheses, may hold anything.
            string stat = File.ReadAllText(Path.Combine(directory, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new Entry(Number(Path.GetFileName(directory)), fields[0][0], Number(fields[1]), Number(fields[2]));
        }
        catch (IOException)
        {
            return null; // it ended in the meantime
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
