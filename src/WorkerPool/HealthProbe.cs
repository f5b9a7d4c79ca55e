using System.Text;
using WorkerPool.Probes;
using WorkerPool.Runtime;

namespace WorkerPool;

/// <summary>
/// A question that a new worker has to answer before it is trusted. The master asks it over a connection of its own, which
/// reaches exactly that worker. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A worker is healthy as soon as one of <see cref="Attempts"/> succeeds. The connection is one end of a pair within this
/// machine, over loopback or a Unix socket, whose other end the worker gets like any connection that was accepted elsewhere
/// in the pool. So it proves that the worker serves, not that its address can be reached.
/// </remarks>
public sealed record HealthProbe
{
    private readonly Func<ProbeContext, CancellationToken, Task> _attempt;

    private HealthProbe(string name, Func<ProbeContext, CancellationToken, Task> attempt)
    {
        Name = name;
        _attempt = attempt;
    }

    /// <summary>What is asked, for messages: such as <c>GET /health of "http"</c>.</summary>
    public string Name { get; init; }

    /// <summary>The time that one attempt may take. Default 2 s; at least 1 ms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Timeout
    {
        get;
        init
        {
            OptionsCheck.Time(nameof(Timeout), value, TimeSpan.FromMilliseconds(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(2);

    /// <summary>How often to ask a worker that does not answer well, in all. Default 3; at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Attempts
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Attempts));
            field = value;
        }
    } = 3;

    /// <summary>The time from the end of a failed attempt to the next one. Default 500 ms; 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Interval
    {
        get;
        init
        {
            OptionsCheck.Time(nameof(Interval), value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMilliseconds(500);

    /// <summary>Connects, sends, and compares what comes back.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="send">What to send first; may be empty.</param>
    /// <param name="expect">
    /// What the answer has to begin with. If it is empty, the probe ends its side of the connection instead (FIN, after
    /// <paramref name="send"/>), and the worker has to end its side in the time: the least that shows that it serves the
    /// connection. What it sends before is not looked at.
    /// </param>
    /// <returns>The probe, with default <see cref="Timeout"/>, <see cref="Attempts"/> and <see cref="Interval"/>.</returns>
    public static HealthProbe Tcp(string endpoint, ReadOnlyMemory<byte> send = default, ReadOnlyMemory<byte> expect = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return new HealthProbe($"connection to \"{endpoint}\"", new TcpProbe(endpoint, send.ToArray(), expect.ToArray()).AttemptAsync);
    }

    /// <summary>Asks for a page with GET, HTTP/1.1 (RFC 9112) without TLS, and looks at the status of the answer.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="path">The path with the query, beginning with <c>/</c>, percent-encoded where needed.</param>
    /// <param name="minStatus">The least status that is healthy, 200 to 599; default 200.</param>
    /// <param name="maxStatus">The largest status that is healthy; default 299.</param>
    /// <param name="host">The <c>Host</c> header; default <c>localhost</c>.</param>
    /// <returns>The probe, with default <see cref="Timeout"/>, <see cref="Attempts"/> and <see cref="Interval"/>.</returns>
    /// <exception cref="ArgumentException">The path or the host has characters that a request may not have there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A status is out of range.</exception>
    public static HealthProbe Http(string endpoint, string path = "/", int minStatus = 200, int maxStatus = 299, string host = "localhost")
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(minStatus, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxStatus, 599);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxStatus, minStatus);
        byte[] request = Encoding.ASCII.GetBytes($"GET {CheckedPath(path)} HTTP/1.1\r\nHost: {CheckedHost(host)}\r\nConnection: close\r\n\r\n");
        return new HealthProbe($"GET {path} of \"{endpoint}\"", new HttpProbe(endpoint, request, minStatus, maxStatus).AttemptAsync);
    }

    /// <summary>Asks in the host's own way.</summary>
    /// <param name="probe">
    /// One attempt: returns if the worker is healthy, throws if not; the message of the exception becomes part of the
    /// verdict. Its token is cancelled when the time is over. Called on the thread pool, never twice at once for one worker.
    /// </param>
    /// <returns>The probe, with default <see cref="Timeout"/>, <see cref="Attempts"/> and <see cref="Interval"/>.</returns>
    public static HealthProbe Custom(Func<ProbeContext, CancellationToken, Task> probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return new HealthProbe("custom probe", probe);
    }

    internal Task AttemptAsync(ProbeContext context, CancellationToken cancellationToken) => _attempt(context, cancellationToken);

    private static string CheckedPath(string path) =>
        path is ['/', ..] && path.All(character => character is > ' ' and <= '~') ? path : throw new ArgumentException(
            $"\"{path}\" cannot be the path of a probe. It begins with '/' and has printable ASCII characters other than blanks; percent-encode others.", nameof(path));

    private static string CheckedHost(string host) =>
        host.All(character => character is > ' ' and <= '~') ? host : throw new ArgumentException(
            $"\"{host}\" cannot be the Host of a probe. It has printable ASCII characters other than blanks.", nameof(host));
}
