namespace WorkerPool.Control;

/// <summary>The versions of the protocol that this library speaks, both inclusive; see docs/worker-protocol.md.</summary>
internal static class ControlProtocol
{
    public const int MinVersion = 1;
    public const int MaxVersion = 1;

    /// <summary>The newest version that both speak; <see langword="null"/> if there is none.</summary>
    public static int? Common(Hello hello)
    {
        int newest = Math.Min(hello.ProtocolMax, MaxVersion);
        return newest >= Math.Max(hello.ProtocolMin, MinVersion) ? newest : null;
    }

    public static string Mismatch(Hello hello) =>
        $"it speaks the protocol versions {hello.ProtocolMin} to {hello.ProtocolMax} ({hello.Library}); this master speaks " +
        $"{MinVersion} to {MaxVersion}. Use versions of the library in master and worker that overlap.";
}
