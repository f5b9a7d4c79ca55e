namespace ZeroDowntime.Load;

/// <summary>
/// Groups of connections that connect and then say nothing until they are told to. Each must be served, whichever worker
/// accepted it, and also if none has yet.
/// </summary>
internal sealed class WaitingConnections(Ledger ledger)
{
    private const int Bytes = 1_024;

    private readonly Dictionary<string, TaskCompletionSource> _groups = [];
    private readonly List<Task> _running = [];

    /// <summary>Opens a group; ends when all of it is connected, or lost.</summary>
    public Task OpenAsync(string group, int count)
    {
        TaskCompletionSource send = _groups[group] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task> connected = [];
        for (int i = 0; i < count; i++)
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task running = RunAsync(done, send.Task);
            _running.Add(running);
            connected.Add(Task.WhenAny(done.Task, running));
        }

        return Task.WhenAll(connected);
    }

    /// <summary>Tells a group to send.</summary>
    public void Send(string group) => _groups[group].TrySetResult();

    /// <summary>Tells every group, and waits for the last connection.</summary>
    public Task FinishAsync()
    {
        foreach (TaskCompletionSource group in _groups.Values)
        {
            group.TrySetResult();
        }

        return Task.WhenAll(_running);
    }

    private Task<bool> RunAsync(TaskCompletionSource connected, Task send) =>
        ledger.RunAsync(ConnectionKind.Waiting, TimeSpan.FromSeconds(30), async (connection, deadline) =>
        {
            connected.TrySetResult();
            await send.WaitAsync(deadline);
            await connection.SendAsync(Bytes, deadline);
            connection.EndSending();
            await connection.ReceiveToEndAsync(deadline);
        });
}
