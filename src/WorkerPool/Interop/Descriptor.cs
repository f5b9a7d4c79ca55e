using System.Runtime.InteropServices;
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

    /// <summary>
    /// Keeps the number this descriptor's, also while the owner disposes it, until <see cref="SafeHandle.DangerousRelease"/>;
    /// for threads that are not the owner's.
    /// </summary>
    /// <param name="number">The number.</param>
    /// <returns>False: it is closed already, and nothing is to be released.</returns>
    public bool TryHold(out int number)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            // Not held, then.
        }

        number = held ? (int)handle : -1;
        return held;
    }

    // close(2): on Linux the descriptor is gone whatever close answers, so neither a retry nor a report helps.
    protected override bool ReleaseHandle() => close((int)handle) == 0;
}
