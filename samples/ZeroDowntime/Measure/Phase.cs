namespace ZeroDowntime.Measure;

/// <summary>A part of the demonstration. Immutable.</summary>
/// <param name="Name">For people, without a space.</param>
/// <param name="Start">Since the start of the demonstration.</param>
/// <param name="End">Likewise.</param>
internal sealed record Phase(string Name, TimeSpan Start, TimeSpan End)
{
    public TimeSpan Length => End - Start;
}
