using System.Net;
using System.Net.Sockets;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class LimitsTests
{
    [Fact]
    public async Task Clients_beyond_a_workers_descriptors_wait_and_are_served_and_the_log_says_so_once()
    {
        string errors = Path.GetTempFileName();
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.Release = TestPool.Script("v1", $"exec 2>>'{errors}'", "few-descriptors", "150");
        });
        using (ClientGroup clients = await ClientGroup.AskAsync(pool, 200))
        {
            await Machine.UntilAsync(() => File.ReadAllText(errors).Contains("EMFILE", StringComparison.Ordinal), "the worker says EMFILE");

            // Each answer ends one connection, and so makes room for one that waits.
            await Task.WhenAll(clients.Clients.Select(async client =>
            {
                Assert.Equal(1, (await client.ReceiveAsync()).Generation);
                client.Dispose();
            }));
        }

        Assert.Equal("v1", (await pool.AskAsync()).Label);
        Assert.Contains("EMFILE", Assert.Single(File.ReadAllLines(errors)), StringComparison.Ordinal);
        File.Delete(errors);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("path")]
    [InlineData("abstract")]
    public async Task A_second_pool_on_the_same_address_is_refused_and_the_first_serves_on(string kind)
    {
        using TestDirectory directory = new();
        string address = kind switch
        {
            "path" => $"unix:{directory.Path}/app.sock",
            "abstract" => $"unix:@workerpool-{Guid.NewGuid():N}",
            _ => "127.0.0.1:0",
        };
        await using TestPool pool = await TestPool.StartAsync(options => options.Listen(TestPool.Endpoint, address));
        string taken = kind == "tcp" ? pool.EndPoint.ToString()! : address;
        PoolOptions second = TestPool.Options();
        second.Listen(TestPool.Endpoint, taken);

        SystemCallException failure = await Assert.ThrowsAsync<SystemCallException>(() => Master.StartAsync(second));

        Assert.Equal(EADDRINUSE, failure.ErrorNumber);
        Assert.Contains(taken, failure.Message, StringComparison.Ordinal);
        Assert.Contains("EADDRINUSE", failure.Message, StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("v1", (await pool.AskAsync()).Label);
        }
    }

    [Fact]
    public async Task Every_endpoint_of_a_pool_is_served_whatever_its_kind()
    {
        using TestDirectory directory = new();
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Listen(TestPool.Endpoint, "127.0.0.1:0");
            options.Listen("wide", "*:0");
            options.Listen("file", $"unix:{directory.Path}/app.sock");
            options.Listen("name", $"unix:@workerpool-{Guid.NewGuid():N}");
        });
        int wide = ((IPEndPoint)pool.Master.GetEndPoint("wide")).Port;
        List<EndPoint> addresses =
        [
            pool.EndPoint, pool.Master.GetEndPoint("file"), pool.Master.GetEndPoint("name"), new IPEndPoint(IPAddress.Loopback, wide),
        ];
        if (Socket.OSSupportsIPv6)
        {
            addresses.Add(new IPEndPoint(IPAddress.IPv6Loopback, wide));
        }

        foreach (string label in (string[])["v1", "v2"])
        {
            foreach (EndPoint address in addresses)
            {
                using Client client = await Client.ConnectAsync(address);
                Assert.Equal(label, (await client.AskAsync()).Label);
            }

            for (int slot = 0; slot < 2; slot++)
            {
                (await pool.Master.ReplaceAsync(slot, TestPool.Release("v2", "serve"), ReplaceOrder.StopFirst)).EnsureDone();
            }
        }
    }

    [Theory]
    [InlineData(ReplaceOrder.StartFirst)]
    [InlineData(ReplaceOrder.StopFirst)]
    public async Task Replacing_and_scaling_behind_a_socket_file_loses_no_connection(ReplaceOrder order)
    {
        using TestDirectory directory = new();
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Listen(TestPool.Endpoint, $"unix:{directory.Path}/app.sock");
        });
        await using Load load = Load.Start(pool);
        for (int slot = 0; slot < 2; slot++)
        {
            (await pool.Master.ReplaceAsync(slot, TestPool.Release("v2", "serve"), order)).EnsureDone();
        }

        (await pool.Master.ScaleAsync(1)).EnsureDone();
        (await pool.Master.ScaleAsync(2)).EnsureDone();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task A_stale_socket_file_is_taken_over_and_the_pools_own_is_removed_at_its_end()
    {
        using TestDirectory directory = new();
        string path = $"{directory.Path}/app.sock";
        LeaveStaleFile(path);
        await using (TestPool pool = await TestPool.StartAsync(options => options.Listen(TestPool.Endpoint, $"unix:{path}")))
        {
            Assert.Equal("v1", (await pool.AskAsync()).Label);
        }

        Assert.False(File.Exists(path));
    }

    // The runtime removes the file of a socket that it closes, by the name that it was bound to.
    private static void LeaveStaleFile(string path)
    {
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path + ".old"));
            socket.Listen();
            File.Move(path + ".old", path);
        }

        Assert.True(File.Exists(path));
    }

    private sealed class TestDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("workerpool-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
