using WorkerPool.Control;

namespace WorkerPool.Runtime;

/// <summary>Which version of the control protocol master and worker use.</summary>
internal static class Protocol
{
    /// <summary>The newest version that both speak; <see langword="null"/> if there is none.</summary>
    public static int? Common(Hello hello)
    {
        int newest = Math.Min(hello.ProtocolMax, ControlMessage.ProtocolMax);
        return newest >= Math.Max(hello.ProtocolMin, ControlMessage.ProtocolMin) ? newest : null;
    }

    public static string Mismatch(Hello hello) =>
        $"it speaks the protocol versions {hello.ProtocolMin} to {hello.ProtocolMax} ({hello.Library}); this master speaks " +
        $"{ControlMessage.ProtocolMin} to {ControlMessage.ProtocolMax}. Use versions of the library in master and worker that overlap.";
}
