using System.Net;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>The model of the kernel's order, against the kernel.</summary>
public sealed class ReuseportOrderTests
{
    private const int Operations = 80;
    private const int MostSockets = 8;

    private readonly ListenEndpoint _endpoint = ListenEndpoint.Parse("http", "127.0.0.1:0");
    private readonly Dictionary<int, ListeningSocket> _sockets = [];
    private readonly ReuseportGroup _group = new();
    private readonly List<string> _history = [];

    [Fact]
    public void The_model_knows_every_index_after_any_operations()
    {
        KernelSteering.Require();
        int seed = Environment.TickCount;
        Random random = new(seed);
        _history.Add($"seed {seed}");
        try
        {
            EndPoint address = Add(0, TcpListeners.OpenFirst(_endpoint));
            Add(1, TcpListeners.OpenNext(_endpoint, address));
            for (int slot = 2; slot < Operations; slot++)
            {
                Operate(random, slot, address);
                CompareWithKernel();
            }
        }
        finally
        {
            foreach (ListeningSocket socket in _sockets.Values)
            {
                socket.Dispose();
            }
        }
    }

    private void Operate(Random random, int nextSlot, EndPoint address)
    {
        int slot = random.GetItems([.. _sockets.Keys], 1)[0];
        switch (random.Next(3))
        {
            case 0 when _sockets.Count < MostSockets:
                _history.Add($"add {nextSlot}");
                Add(nextSlot, TcpListeners.OpenNext(_endpoint, address));
                break;
            case 1 when _sockets.Count > 2:
                _history.Add($"close {slot}");
                _sockets[slot].Dispose();
                _sockets.Remove(slot);
                _group.Remove(slot);
                break;
            default:
                _history.Add($"relisten {slot}");
                Assert.Equal(0, shutdown(_sockets[slot].Number, SHUT_RDWR));
                _sockets[slot].Listen();
                _group.Relisten(slot);
                break;
        }
    }

    private EndPoint Add(int slot, ListeningSocket socket)
    {
        _sockets.Add(slot, socket);
        _group.Add(slot);
        return socket.Address;
    }

    private void CompareWithKernel()
    {
        int[] slots = [.. _sockets.Keys];
        ListeningSocket[] sockets = [.. _sockets.Values];
        foreach (int slot in slots)
        {
            int index = _group.IndexOf(slot)!.Value;
            Assert.True(Steering.TryAttach(sockets[0], SteeringProgram.Compile(Peer.Only(index)), out string? refusal), refusal);
            int served = slots[Peer.IndexOfNext(sockets)];
            Assert.True(served == slot, $"Index {index} is slot {slot} in the model and {served} in the kernel after: {string.Join(", ", _history)}");
        }
    }
}
