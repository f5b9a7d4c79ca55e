namespace WorkerPool.FunctionalTests.Support;

/// <summary>Clients that are connected, and have asked; the answers are still out.</summary>
internal sealed class ClientGroup : IDisposable
{
    private readonly List<Client> _clients = [];

    private ClientGroup()
    {
    }

    public IReadOnlyList<Client> Clients => _clients;

    public static async Task<ClientGroup> AskAsync(TestPool pool, int count)
    {
        ClientGroup group = new();
        try
        {
            for (int i = 0; i < count; i++)
            {
                group._clients.Add(await pool.ConnectAsync());
                await group._clients[^1].SendAsync("hello");
            }

            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    public Task<Answer[]> ReceiveAsync() => Task.WhenAll(_clients.Select(client => client.ReceiveAsync()));

    public void Dispose() => _clients.ForEach(client => client.Dispose());
}
