using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace WorkerPool.Interop;

/// <summary>
/// The one epoll of this process, and its thread. Apart from the runtime's own, because that one never deregisters a
/// descriptor whose open file description another process holds, and so wakes for it for ever.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed unsafe class ReadinessLoop
{
    private const int EventsPerWait = 128;

    private static readonly Lazy<ReadinessLoop> Instance = new(() => new ReadinessLoop());

    private readonly ConcurrentDictionary<long, Readiness> _registered = new();
    private readonly Descriptor _epoll;
    private long _lastKey;

    private ReadinessLoop()
    {
        _epoll = new Descriptor(SystemCall.Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
        new Thread(Run) { IsBackground = true, Name = "WorkerPool readiness" }.Start();
    }

    public static ReadinessLoop Default => Instance.Value;

    public long Register(Readiness readiness)
    {
        long key = Interlocked.Increment(ref _lastKey);
        _registered[key] = readiness;
        return key;
    }

    /// <summary>Asks for one event, now or as soon as there is one of these, a hang-up or an error.</summary>
    public void Arm(int descriptor, long key, int events, bool first)
    {
        epoll_event interest = new() { events = events | EPOLLONESHOT };
        interest.data.u64 = (ulong)key;
        int operation = first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
        SystemCall.Check(epoll_ctl(_epoll.Number, operation, descriptor, &interest), "epoll_ctl");
    }

    /// <summary>Forgets the descriptor; must come before its close, which alone would not do it (epoll(7), question 6).</summary>
    public void Forget(int descriptor, long key, bool armed)
    {
        _registered.TryRemove(key, out _);
        if (armed)
        {
            epoll_event unused = default;
            SystemCall.Check(epoll_ctl(_epoll.Number, EPOLL_CTL_DEL, descriptor, &unused), "epoll_ctl(EPOLL_CTL_DEL)");
        }
    }

    private void Run()
    {
        epoll_event* events = stackalloc epoll_event[EventsPerWait];
        while (true)
        {
            int count = epoll_wait(_epoll.Number, events, EventsPerWait, -1);
            if (count < 0 && Errno.Last != EINTR)
            {
                throw new SystemCallException("epoll_wait", Errno.Last);
            }

            for (int i = 0; i < count; i++)
            {
                // Keys are never used twice, so an event that is late for its descriptor finds nobody.
                if (_registered.TryGetValue((long)events[i].data.u64, out Readiness? readiness))
                {
                    readiness.OnReadable();
                }
            }
        }
    }
}
