using System.Net.Sockets;
using WorkerPool.Interop;
using WorkerPool.Probes;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Probes;

/// <summary>Stands for a worker: takes what is passed to it, and serves it as the test says.</summary>
internal sealed class FakeWorker(Func<Socket, Task> serve)
{
    public const string Endpoint = "main";

    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeWorker(string answer)
        : this(async client =>
        {
            await client.ReceiveAsync(new byte[1000]);
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        })
    {
    }

    /// <summary>How many connections it has been given.</summary>
    public int Connections { get; private set; }

    public SendResult Answer { get; init; } = SendResult.Sent;

    public string Address { get; init; } = "127.0.0.1:1";

    public void Exit(ExitStatus status) => _exited.TrySetResult(status);

    public Task<string?> ProbeAsync(HealthProbe probe, CancellationToken cancellationToken = default) =>
        Probing.RunAsync(probe, Target, TimeProvider.System, cancellationToken);

    private ProbeTarget Target => new()
    {
        Key = new WorkerKey(3, 7),
        ProcessId = 4711,
        Label = "v2",
        Endpoints = [ListenEndpoint.Parse("other", "127.0.0.1:2"), ListenEndpoint.Parse(Endpoint, Address)],
        Pass = Pass,
        Exited = _exited.Task,
    };

    private SendResult Pass(int endpoint, Descriptor connection)
    {
        Xunit.Assert.Equal(1, endpoint);
        if (Answer == SendResult.Sent)
        {
            Connections++;
            _ = ServeAsync(new Socket(new SafeSocketHandle(SystemCall.Check(dup(connection.Number), "dup"), ownsHandle: true)));
        }

        return Answer;
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            await serve(client);
        }
    }
}
