namespace ZeroDowntime.Load;

/// <summary>A connection was not served whole, which only its bytes could tell.</summary>
internal sealed class LossException(LossClass lossClass, string message) : Exception(message)
{
    public LossClass Class { get; } = lossClass;
}
