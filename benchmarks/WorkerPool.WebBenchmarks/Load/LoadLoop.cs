using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>
/// The load generator: one thread, one epoll, no allocation in a turn. Requests are due at moments of their own (open
/// loop) or when a client is free (closed loop); a request that finds no free client waits, and its time counts.
/// </summary>
internal sealed unsafe class LoadLoop : IDisposable
{
    private const int EventsPerWait = 256;
    private static readonly TimeSpan LongestTail = TimeSpan.FromSeconds(5);

    private readonly int _epoll = Native.Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    private readonly Latencies _latencies;
    private readonly byte[] _address;
    private readonly byte[] _request;
    private readonly Workload _workload;
    private readonly Client[] _clients;
    private readonly Queue<int> _free;
    private readonly Queue<long> _waiting = new(65_536);
    private int _inFlight;
    private long _failed;
    private string? _firstFailure;

    public LoadLoop(int port, Workload workload, Latencies latencies)
    {
        _latencies = latencies;
        _latencies.Clear();
        _workload = workload;
        _address = new IPEndPoint(IPAddress.Loopback, port).Serialize().Buffer.ToArray();
        _request = Encoding.ASCII.GetBytes(
            $"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{(workload.KeepAlive ? "" : "Connection: close\r\n")}\r\n");
        _clients = [.. Enumerable.Range(0, workload.Connections).Select(_ => new Client())];
        _free = new Queue<int>(Enumerable.Range(0, workload.Connections));
    }

    public LoadResult Run(TimeSpan time, int seed)
    {
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        Arrivals? arrivals = _workload.Rate > 0 ? new Arrivals(_workload.Rate, start, seed) : null;
        long now = start;
        while (now < end)
        {
            if (arrivals is null)
            {
                SendAsFastAsPossible(now);
                Turn(end - now);
            }
            else
            {
                SendWhatIsDue(arrivals, now);
                Turn(Math.Min(arrivals.Next, end) - now);
            }

            now = Stopwatch.GetTimestamp();
        }

        double seconds = Stopwatch.GetElapsedTime(start, now).TotalSeconds;
        return _workload.Rate > 0 ? Result(FinishAll(now, seconds)) : Result(seconds);
    }

    public void Dispose()
    {
        foreach (Client client in _clients)
        {
            Close(client);
        }

        _ = close(_epoll);
    }

    private void SendAsFastAsPossible(long now)
    {
        // No more than there are free now: one that fails at once must not be tried for ever.
        for (int i = _free.Count; i > 0; i--)
        {
            Begin(_free.Dequeue(), now);
        }
    }

    private void SendWhatIsDue(Arrivals arrivals, long now)
    {
        for (; arrivals.Next <= now; arrivals.Advance())
        {
            _waiting.Enqueue(arrivals.Next);
        }

        SendWhatWaits();
    }

    private void SendWhatWaits()
    {
        while (_waiting.Count > 0 && _free.TryDequeue(out int index))
        {
            Begin(index, _waiting.Dequeue());
        }
    }

    // In an open loop what was due in the turn belongs to it, also if it is answered later.
    private double FinishAll(long end, double seconds)
    {
        while ((_inFlight > 0 || _waiting.Count > 0) && Stopwatch.GetElapsedTime(end) < LongestTail)
        {
            SendWhatWaits();
            Turn(Stopwatch.Frequency / 10);
        }

        for (int left = _inFlight + _waiting.Count; left > 0; left--)
        {
            Fail("no answer within 5 s");
        }

        return seconds;
    }

    private void Begin(int index, long due)
    {
        Client client = _clients[index];
        client.Due = due;
        client.ReceivedCount = 0;
        _inFlight++;
        if (client.Descriptor != Client.NoDescriptor || Connect(index, client))
        {
            Send(index, client);
        }
    }

    private void Send(int index, Client client)
    {
        long sent;
        fixed (byte* request = _request)
        {
            // The buffer holds far more than a request: all or nothing.
            sent = (long)send(client.Descriptor, request, _request.Length, MSG_NOSIGNAL);
        }

        if (sent < 0 && Marshal.GetLastPInvokeError() == EAGAIN && !client.WaitsToSend)
        {
            // Over loopback the handshake is nearly always complete by now, but not always.
            Want(EPOLL_CTL_MOD, EPOLLOUT, index, client);
            client.WaitsToSend = true;
        }
        else if (sent != _request.Length)
        {
            End(index, client, $"send: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    private void SendNow(int index, Client client)
    {
        Want(EPOLL_CTL_MOD, EPOLLIN, index, client);
        Send(index, client);
        client.WaitsToSend = false;
    }

    private void Want(int operation, int what, int index, Client client)
    {
        epoll_event interest = new() { events = what };
        interest.data.u64 = (ulong)index;
        Native.Check(epoll_ctl(_epoll, operation, client.Descriptor, &interest), "epoll_ctl");
    }

    private bool Connect(int index, Client client)
    {
        client.Descriptor = Native.Check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
        int one = 1;
        Native.Check(setsockopt(client.Descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(int)), "setsockopt(TCP_NODELAY)");
        fixed (byte* address = _address)
        {
            if (connect(client.Descriptor, (sockaddr*)address, sizeof(sockaddr_in)) < 0
                && Marshal.GetLastPInvokeError() is int error && error != EINPROGRESS)
            {
                End(index, client, $"connect: errno {error}");
                return false;
            }
        }

        Want(EPOLL_CTL_ADD, EPOLLIN, index, client);
        return true;
    }

    private void Turn(long timeoutTicks)
    {
        epoll_event* events = stackalloc epoll_event[EventsPerWait];
        int count = Native.Wait(_epoll, events, EventsPerWait, Math.Max(0, timeoutTicks * (1_000_000_000 / Stopwatch.Frequency)));
        for (int i = 0; i < count; i++)
        {
            int index = (int)events[i].data.u64;
            if (_clients[index].WaitsToSend)
            {
                SendNow(index, _clients[index]);
            }
            else
            {
                Receive(index, _clients[index]);
            }
        }
    }

    private void Receive(int index, Client client)
    {
        long received;
        fixed (byte* buffer = client.Received)
        {
            received = (long)recv(client.Descriptor, buffer + client.ReceivedCount, client.Received.Length - client.ReceivedCount, 0);
        }

        if (received < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != EAGAIN)
            {
                End(index, client, $"recv: errno {error}");
            }
        }
        else if (received == 0)
        {
            ServerClosed(index, client);
        }
        else
        {
            client.ReceivedCount += (int)received;
            Look(index, client);
        }
    }

    private void Look(int index, Client client)
    {
        switch (ResponseReader.Look(client.Received.AsSpan(0, client.ReceivedCount)))
        {
            case ResponseState.Bad:
                End(index, client, "an answer that is not 200 with a known length");
                break;
            case ResponseState.Complete:
                _latencies.Add(Stopwatch.GetTimestamp() - client.Due);
                client.Due = 0;
                client.ReceivedCount = 0;
                _inFlight--;
                if (_workload.KeepAlive)
                {
                    _free.Enqueue(index);
                }

                // Otherwise the server closes, and the client is free then.
                break;
        }
    }

    private void ServerClosed(int index, Client client)
    {
        if (client.Due != 0)
        {
            End(index, client, "the server closed before its answer was complete");
        }
        else if (_workload.KeepAlive)
        {
            // Idle, and in the queue of free ones: the next request makes a new connection.
            Close(client);
        }
        else
        {
            Close(client);
            _free.Enqueue(index);
        }
    }

    private void End(int index, Client client, string failure)
    {
        Fail(failure);
        _inFlight--;
        client.Due = 0;
        client.WaitsToSend = false;
        Close(client);
        _free.Enqueue(index);
    }

    private void Fail(string failure)
    {
        _failed++;
        _firstFailure ??= failure;
    }

    private static void Close(Client client)
    {
        if (client.Descriptor != Client.NoDescriptor)
        {
            _ = close(client.Descriptor);
            client.Descriptor = Client.NoDescriptor;
        }
    }

    private LoadResult Result(double seconds)
    {
        _latencies.Sort();
        return new LoadResult(
            _latencies.Count, _failed, _firstFailure, seconds,
            _latencies.Microseconds(0.5), _latencies.Microseconds(0.9), _latencies.Microseconds(0.99), _latencies.Microseconds(1));
    }
}
