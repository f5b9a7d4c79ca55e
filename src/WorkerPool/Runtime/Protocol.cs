using WorkerPool.Control;

namespace WorkerPool.Runtime;

/// <summary>Which version of the control protocol master and worker use.</summary>
internal static class Protocol
{
    /// <summary>The oldest and the newest version that this library speaks.</summary>
    public const int Oldest = 1;

    /// <inheritdoc cref="Oldest"/>
    public const int Newest = 1;

    /// <summary>The newest version that both speak; <see langword="null"/> if there is none.</summary>
    public static int? Common(Hello hello)
    {
        int newest = Math.Min(hello.ProtocolMax, Newest);
        return newest >= Math.Max(hello.ProtocolMin, Oldest) ? newest : null;
    }

    public static string Mismatch(Hello hello) =>
        $"it speaks the protocol versions {hello.ProtocolMin} to {hello.ProtocolMax} ({hello.Library}); this master speaks " +
        $"{Oldest} to {Newest}. Use versions of the library in master and worker that overlap.";
}
