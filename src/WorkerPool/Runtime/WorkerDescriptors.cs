using System.Globalization;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Runtime;

/// <summary>What the master left for this process: numbers in the environment, and the descriptors that they stand for.</summary>
/// <remarks>
/// Taken once, early; then the variables are removed, so that neither a child of the worker nor another library in it
/// takes these descriptors for its own (a .NET <c>Socket</c> around a shared listener damages it for everybody).
/// </remarks>
internal sealed record WorkerDescriptors
{
    public required int Slot { get; init; }

    public required int Generation { get; init; }

    public required string Label { get; init; }

    public required IReadOnlyList<(string Name, InheritedListener Descriptor)> Listeners { get; init; }

    public required Descriptor Control { get; init; }

    public required Descriptor Passing { get; init; }

    /// <summary>Reads and clears the environment; <see langword="null"/> if no master started this process.</summary>
    /// <exception cref="InvalidOperationException">The variables contradict each other or the descriptors.</exception>
    public static WorkerDescriptors? TakeFromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(WorkerEnvironment.Control) is null)
        {
            return null;
        }

        string[] names = Text(WorkerEnvironment.ListenNames).Split(':', StringSplitOptions.RemoveEmptyEntries);
        int count = Number(WorkerEnvironment.ListenCount);
        if (names.Length != count)
        {
            throw new InvalidOperationException(
                $"{WorkerEnvironment.ListenCount} is {count}, but {WorkerEnvironment.ListenNames} has {names.Length} names.");
        }

        WorkerDescriptors taken = new()
        {
            Slot = Number(WorkerEnvironment.Slot),
            Generation = Number(WorkerEnvironment.Generation),
            Label = Text(WorkerEnvironment.Label),
            Listeners = [.. names.Select((name, index) => (name, new InheritedListener(Take(WorkerEnvironment.FirstListener + index))))],
            Control = new Descriptor(Take(Number(WorkerEnvironment.Control))),
            Passing = new Descriptor(Take(Number(WorkerEnvironment.Passing))),
        };
        foreach (string variable in WorkerEnvironment.All)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        return taken;
    }

    /// <summary>Keeps the descriptor from children of this process.</summary>
    private static int Take(int number)
    {
        SystemCall.Check(
            fcntl(number, F_SETFD, FD_CLOEXEC),
            $"fcntl({number}, F_SETFD)",
            "The environment names a descriptor that this process does not have; start workers through a master only.");
        return number;
    }

    private static string Text(string variable) => Environment.GetEnvironmentVariable(variable) ?? "";

    private static int Number(string variable) =>
        int.TryParse(Text(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidOperationException($"The environment variable {variable} is \"{Text(variable)}\"; a number was expected.");
}
