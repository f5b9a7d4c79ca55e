using System.Globalization;
using System.Net.WebSockets;

namespace HelloWeb;

/// <summary>What the server answers.</summary>
internal static class HelloEndpoints
{
    private const int BufferSize = 4096;
    private const int DefaultLines = 50;

    private static readonly TimeSpan SlowTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromMilliseconds(100);

    /// <param name="app">The app.</param>
    /// <param name="options">What it answers.</param>
    /// <param name="slot">What its answers say of the slot.</param>
    /// <param name="version">What they say of the release.</param>
    public static void Map(WebApplication app, HelloOptions options, string slot, string version)
    {
        Identify(app, slot, version);
        byte[] hello = options.ResponseBytes is int size ? Filling(size) : "Hello, world\n"u8.ToArray();
        app.Map("/", context => AnswerAsync(context, hello, options.Delay));
        app.Map("/slow", context => AnswerAsync(context, hello, SlowTime));
        app.Map("/stream", StreamAsync);
        app.Map("/ws", EchoAsync);
    }

    /// <summary>Every answer says who gave it.</summary>
    private static void Identify(WebApplication app, string slot, string version)
    {
        string process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        app.Use((context, next) =>
        {
            context.Response.Headers["x-worker"] = process;
            context.Response.Headers["x-slot"] = slot;
            context.Response.Headers["x-version"] = version;
            return next(context);
        });
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body, TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, context.RequestAborted);
        }

        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    /// <summary>A line every 100 ms, <c>?lines=N</c> of them; ends early, in order, when the time to drain is over.</summary>
    private static async Task StreamAsync(HttpContext context)
    {
        CancellationToken stopping = Stopping(context);
        int lines = int.TryParse(context.Request.Query["lines"], CultureInfo.InvariantCulture, out int wanted) ? wanted : DefaultLines;
        context.Response.ContentType = "text/plain";
        for (int line = 1; line <= lines && !stopping.IsCancellationRequested; line++)
        {
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"line {line}\n"), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(LinePeriod, context.RequestAborted);
        }
    }

    /// <summary>A WebSocket that sends back what comes; closed in order when the time to drain is over.</summary>
    private static async Task EchoAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();

        // To cancel a receive would abort the connection: instead our close is sent beside it, and the client's ends the loop.
        await using CancellationTokenRegistration registration = Stopping(context).Register(() =>
            _ = CloseAsync(socket, WebSocketCloseStatus.EndpointUnavailable));
        byte[] buffer = new byte[BufferSize];
        try
        {
            ValueWebSocketReceiveResult received;
            while ((received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.Open)
                {
                    await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
                }
            }

            if (socket.State == WebSocketState.CloseReceived)
            {
                await CloseAsync(socket, WebSocketCloseStatus.NormalClosure);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client is gone.
        }
    }

    private static async Task CloseAsync(WebSocket socket, WebSocketCloseStatus status)
    {
        try
        {
            await socket.CloseOutputAsync(status, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            // The client was quicker.
        }
    }

    private static CancellationToken Stopping(HttpContext context) =>
        context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    private static byte[] Filling(int size)
    {
        byte[] body = new byte[size];
        Array.Fill(body, (byte)'x');
        return body;
    }
}
