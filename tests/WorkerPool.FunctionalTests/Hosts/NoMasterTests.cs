using System.Net;
using WorkerPool.Control;
using WorkerPool.FunctionalTests.Processes;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Processes;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Workers that never get their welcome.</summary>
[Collection("Pools")]
public class NoMasterTests
{
    private const int Unavailable = 69;
    private const string NoConfiguration = "";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_whose_master_ended_before_it_started_says_so_in_a_line_and_exits(bool hosted)
    {
        (Child child, ControlChannel master) = Start(hosted, endMasterFirst: true);
        await using Child worker = child;
        await using ControlChannel gone = master;

        await AssertEndsWithAsync(worker, "The peer of the control channel is gone");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_whose_master_ends_after_the_hello_says_so_in_a_line_and_exits(bool hosted)
    {
        (Child child, ControlChannel master) = Start(hosted, endMasterFirst: false);
        await using Child worker = child;
        await ReadHelloAsync(master);
        await master.DisposeAsync();

        await AssertEndsWithAsync(worker, "The master is gone");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_is_refused_says_why_in_a_line_and_exits(bool hosted)
    {
        (Child child, ControlChannel master) = Start(hosted, endMasterFirst: false);
        await using Child worker = child;
        await using ControlChannel refusing = master;
        await ReadHelloAsync(master);
        await master.SendAsync(new Refuse("no version in common"));

        await AssertEndsWithAsync(worker, "The master refused this worker: no version in common");
    }

    private static async Task AssertEndsWithAsync(Child worker, string message)
    {
        Assert.Equal(Unavailable, (await worker.EndAsync()).Code);
        Assert.StartsWith($"WorkerPool: {message}", Assert.Single(worker.Tail), StringComparison.Ordinal);
    }

    private static async Task ReadHelloAsync(ControlChannel master)
    {
        await using IAsyncEnumerator<ControlMessage> messages = master.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync());
        Assert.IsType<Hello>(messages.Current);
    }

    private static (Child Worker, ControlChannel Master) Start(bool hosted, bool endMasterFirst)
    {
        Release release = hosted ? TestPool.Release("orphan", "hosted", NoConfiguration) : TestPool.Release("orphan", "serve");
        IPEndPoint anyPort = new(IPAddress.Loopback, 0);
        using ListeningSocket listener = ListeningSocket.Create(anyPort, TestPool.Endpoint, 16);
        listener.Bind(anyPort);
        listener.Listen();
        (ControlChannel master, Descriptor control) = ControlChannel.CreatePair();
        (DescriptorChannel passing, Descriptor pass) = DescriptorChannel.CreatePair();
        using (control)
        using (passing)
        using (pass)
        {
            if (endMasterFirst)
            {
                master.DisposeAsync().AsTask().Wait();
            }

            return (Child.Start(new SpawnRequest
            {
                Release = release,
                Descriptors = [listener, control, pass],
                Environment = WorkerEnvironment.For(new WorkerKey(0, 1), release, [ListenEndpoint.Parse(TestPool.Endpoint, "127.0.0.1:0")]),
            }), master);
        }
    }
}
