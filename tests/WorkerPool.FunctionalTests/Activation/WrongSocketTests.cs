using System.Net;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using Xunit;

namespace WorkerPool.FunctionalTests.Activation;

/// <summary>What a service manager can pass that no pool can listen on: said before a worker starts.</summary>
[Collection("Pools")]
public sealed class WrongSocketTests
{
    private static readonly MasterProcess.Setup Serving = new("serve") { Address = "systemd:web" };

    [Fact]
    public async Task A_name_that_was_not_passed() =>
        await FailsAsync("passed no socket \"web\". It passed: \"other\". FileDescriptorName=web", ("other", ManagerSocket.Tcp(reusePort: true)));

    [Fact]
    public async Task Nothing_was_passed() => await FailsAsync("The environment has no LISTEN_PID");

    [Fact]
    public async Task Sockets_that_are_another_processs()
    {
        using ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        await FailsAsync("LISTEN_PID is 1 and this is process", new PassedByManager(("web", socket)) { Process = "1" });
    }

    [Fact]
    public async Task A_datagram_socket() => await FailsAsync("descriptor 3 is a datagram socket", ("web", ManagerSocket.Datagram()));

    [Fact]
    public async Task A_socket_that_does_not_listen() => await FailsAsync("does not listen. With Accept=yes", ("web", ManagerSocket.NotListening()));

    [Fact]
    public async Task What_is_no_socket()
    {
        using Descriptor file = new(OpenNull());
        await FailsAsync("is not a socket", new PassedByManager(("web", file)));
    }

    [Fact]
    public async Task One_socket_twice()
    {
        ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        await FailsAsync("one socket was passed twice", ("web", socket), ("web", socket.Duplicate()));
    }

    [Fact]
    public async Task Two_addresses_under_one_name() =>
        await FailsAsync("One endpoint is one address", ("web", ManagerSocket.Tcp(reusePort: true)), ("web", ManagerSocket.Tcp(reusePort: true)));

    [Fact]
    public async Task A_group_in_which_somebody_else_listens()
    {
        ManagerSocket socket = ManagerSocket.Tcp(reusePort: true);
        using ManagerSocket stranger = ManagerSocket.Tcp(reusePort: true, socket.Address);
        await FailsAsync("so that nobody knows the order", ("web", socket));
    }

    [Fact]
    public async Task A_number_of_names_that_is_another_than_that_of_sockets() =>
        await FailsAsync("LISTEN_FDS is 1, but LISTEN_FDNAMES has 2 names", ("web:more", ManagerSocket.Tcp(reusePort: true)));

    private static async Task FailsAsync(string why, params (string Name, ManagerSocket Socket)[] sockets)
    {
        try
        {
            await FailsAsync(why, sockets.Length > 0 ? new PassedByManager([.. sockets.Select(one => (one.Name, (Descriptor)one.Socket))]) : null);
        }
        finally
        {
            Array.ForEach(sockets, one => one.Socket.Dispose());
        }
    }

    private static async Task FailsAsync(string why, PassedByManager? passed)
    {
        await using MasterProcess master = passed is null ? MasterProcess.Start(Serving) : MasterProcess.Start(Serving, passed);
        string said = await master.SaysAsync("failed: ");
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.Equal(1, await master.ExitAsync());
        Assert.DoesNotContain(master.Said, line => line.StartsWith("worker ", StringComparison.Ordinal));
    }

    private static unsafe int OpenNull()
    {
        fixed (byte* path = "/dev/null\0"u8)
        {
            return SystemCall.Check(Tmds.Linux.LibC.open(path, Tmds.Linux.LibC.O_RDONLY | Tmds.Linux.LibC.O_CLOEXEC), "open");
        }
    }
}
