using System.Net;
using WorkerPool.Sockets;

namespace WorkerPool;

/// <summary>A named address that a pool listens on. Set it up before the pool starts; not thread-safe.</summary>
public sealed class ListenEndpoint
{
    /// <summary>The default of <see cref="Backlog"/>.</summary>
    public const int DefaultBacklog = 4096;

    private const int MaxBacklog = 65535;
    private const int MaxNameLength = 255;

    private const UnixFileMode PermissionBits =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private ListenEndpoint(string name, string address, EndPoint endPoint, bool dualStack)
    {
        Name = name;
        Address = address;
        EndPoint = endPoint;
        DualStack = dualStack;
    }

    /// <summary>
    /// The name that workers ask for: 1 to 255 ASCII letters, digits, <c>.</c>, <c>_</c> and <c>-</c>. It travels in
    /// <c>LISTEN_FDNAMES</c>, which is separated by colons, see sd_listen_fds(3).
    /// </summary>
    public string Name { get; }

    /// <summary>The address as it was written.</summary>
    public string Address { get; }

    /// <summary>
    /// The address to bind to: an <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>;
    /// or a <see cref="SystemdEndPoint"/>, for sockets that are bound already. Port 0 lets the kernel choose when the pool starts.
    /// </summary>
    public EndPoint EndPoint { get; }

    /// <summary>
    /// Whether one IPv6 socket serves IPv4 as well (<c>IPV6_V6ONLY</c> off, see ipv6(7)). True for <c>*:port</c> only,
    /// so that <c>0.0.0.0:80</c> and <c>[::]:80</c> can stand side by side, whatever the machine's default is. Sockets of
    /// systemd have what their unit says (<c>BindIPv6Only=</c>).
    /// </summary>
    public bool DualStack { get; }

    /// <summary>
    /// How many connections may wait in the accept queue of one socket; 1 to 65535, default 4096. The default is the
    /// kernel's own <c>net.core.somaxconn</c> since Linux 5.4, which limits it: room for a second of 4,000 new
    /// connections while a slot has no worker. A place in the queue costs no memory until it is taken. See listen(2). It
    /// holds for sockets of systemd too, whatever <c>Backlog=</c> of their unit says.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Backlog
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxBacklog);
            field = value;
        }
    } = DefaultBacklog;

    /// <summary>
    /// The exact mode of the socket file of a Unix path, whatever the umask is; default 0660: owner and group may
    /// connect, which needs the write permission, see unix(7). Abstract addresses have no file: every process in the
    /// network namespace may connect. TCP endpoints ignore it, and so do sockets of systemd (<c>SocketMode=</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has other than the nine permission bits (0 to 0777).</exception>
    public UnixFileMode UnixMode
    {
        get;
        set
        {
            if ((value & ~PermissionBits) != 0)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, "The mode of a socket file has the nine permission bits only, 0 to 0777.");
            }

            field = value;
        }
    } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>
    /// Whether accepted TCP connections have <c>TCP_NODELAY</c>, see tcp(7); default true. They inherit it from the
    /// listening socket, so it costs no system call per connection. Unix endpoints ignore it. It holds for sockets of systemd
    /// too, whatever <c>NoDelay=</c> of their unit says.
    /// </summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Makes an endpoint from text.</summary>
    /// <param name="name">The name, see <see cref="Name"/>.</param>
    /// <param name="address">
    /// One of:
    /// <list type="table">
    /// <item><term><c>0.0.0.0:8080</c>, <c>127.0.0.1:0</c></term><description>IPv4 address and port; port 0: the kernel chooses, and all slots follow.</description></item>
    /// <item><term><c>[::1]:8080</c>, <c>[fe80::1%eth0]:80</c></term><description>IPv6 address and port. IPv6 only: <c>[::]:80</c> does not take IPv4.</description></item>
    /// <item><term><c>*:8080</c></term><description>Every address, IPv6 and IPv4; IPv4 alone where the machine has no IPv6.</description></item>
    /// <item><term><c>unix:/run/app.sock</c></term><description>A socket file: an absolute path of at most 107 bytes.</description></item>
    /// <item><term><c>unix:@app</c></term><description>An abstract Unix address of at most 107 bytes, see unix(7).</description></item>
    /// <item><term><c>systemd:http</c></term><description>The sockets that the service manager passes under this name, see <see cref="SystemdEndPoint"/>.</description></item>
    /// </list>
    /// Host names are refused: they may mean several addresses, and others tomorrow.
    /// </param>
    /// <returns>The endpoint, with defaults for everything else.</returns>
    /// <exception cref="FormatException">The address is none of these; the message says what is expected.</exception>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    public static ListenEndpoint Parse(string name, string address)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(address);
        if (name.Length is 0 or > MaxNameLength || !name.All(IsNameCharacter))
        {
            throw new ArgumentException(
                $"\"{name}\" cannot be the name of an endpoint. Use 1 to {MaxNameLength} letters, digits, '.', '_' or '-'.",
                nameof(name));
        }

        return new ListenEndpoint(name, address, AddressText.Parse(address, out bool dualStack), dualStack);
    }

    /// <summary>The name and the address.</summary>
    public override string ToString() => $"{Name} ({Address})";

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';

    /// <summary>This address with everything else of another endpoint.</summary>
    internal ListenEndpoint With(ListenEndpoint other)
    {
        Backlog = other.Backlog;
        UnixMode = other.UnixMode;
        NoDelay = other.NoDelay;
        return this;
    }

    internal ListenEndpoint Copy() => (ListenEndpoint)MemberwiseClone();

    /// <summary>This endpoint at the address of a socket that is bound already.</summary>
    internal ListenEndpoint At(EndPoint bound, bool dualStack) => new ListenEndpoint(Name, Address, bound, dualStack).With(this);
}
