using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace WorkerPool.Interop;

/// <summary>A file descriptor that this process owns: disposing closes it, once.</summary>
internal class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>The number, valid for as long as the owner keeps this open.</summary>
    public int Number
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    // close(2): on Linux the descriptor is gone whatever close answers, so neither a retry nor a report helps.
    protected override bool ReleaseHandle() => close((int)handle) == 0;
}
