using System.Globalization;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>What the environment tells a worker: names, numbers, and where its descriptors are; docs/worker-protocol.md.</summary>
internal static class WorkerEnvironment
{
    public const string ListenCount = "LISTEN_FDS";
    public const string ListenNames = "LISTEN_FDNAMES";
    public const string ListenProcess = "LISTEN_PID";
    public const string Control = "WORKERPOOL_CONTROL_FD";
    public const string Passing = "WORKERPOOL_PASS_FD";
    public const string Slot = "WORKERPOOL_SLOT";
    public const string Generation = "WORKERPOOL_GENERATION";
    public const string Label = "WORKERPOOL_LABEL";
    public const string Protocol = "WORKERPOOL_PROTOCOL";

    /// <summary>The first descriptor that is passed, as in sd_listen_fds(3).</summary>
    public const int FirstListener = 3;

    public static IReadOnlyList<string> All { get; } =
        [ListenCount, ListenNames, ListenProcess, Control, Passing, Slot, Generation, Label, Protocol];

    public static Dictionary<string, string> For(
        WorkerKey worker, Release release, IReadOnlyList<ListenEndpoint> endpoints) => new()
    {
        [ListenCount] = Text(endpoints.Count),
        [ListenNames] = string.Join(':', endpoints.Select(endpoint => endpoint.Name)),
        [Control] = Text(FirstListener + endpoints.Count),
        [Passing] = Text(FirstListener + endpoints.Count + 1),
        [Slot] = Text(worker.Slot),
        [Generation] = Text(worker.Generation),
        [Label] = release.Label,
        [Protocol] = Text(WorkerPool.Control.ControlProtocol.MaxVersion),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
