using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>
/// The descriptors that a child gets, held open, at numbers where the dup2s of the spawn cannot overwrite one before it
/// is copied: all sources lie above all targets. Those that do not are copied there for as long as this lives.
/// </summary>
internal sealed class SpawnDescriptors : IDisposable
{
    private readonly List<Descriptor> _held = [];
    private readonly List<Descriptor> _copies = [];

    public SpawnDescriptors(IReadOnlyList<Descriptor> descriptors, Descriptor? standardError)
    {
        End = Spawner.FirstDescriptor + descriptors.Count;
        try
        {
            Sources = [.. descriptors.Select(Place)];
            StandardError = standardError is null ? null : Place(standardError);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number after the last that the child has.</summary>
    public int End { get; }

    public IReadOnlyList<int> Sources { get; } = [];

    public int? StandardError { get; }

    private int Place(Descriptor descriptor)
    {
        // Nobody else may close it, and so give its number to another file, until the spawn is done.
        bool added = false;
        descriptor.DangerousAddRef(ref added);
        _held.Add(descriptor);
        if (descriptor.Number >= End)
        {
            return descriptor.Number;
        }

        Descriptor copy = new(SystemCall.Check(
            fcntl(descriptor.Number, F_DUPFD_CLOEXEC, End),
            $"fcntl({descriptor.Number}, F_DUPFD_CLOEXEC, {End})",
            "The master needs a few free descriptors for each start: raise its limit (LimitNOFILE= of systemd, ulimit -n)."));
        _copies.Add(copy);
        return copy.Number;
    }

    public void Dispose()
    {
        _copies.ForEach(copy => copy.Dispose());
        _copies.Clear();
        _held.ForEach(held => held.DangerousRelease());
        _held.Clear();
    }
}
