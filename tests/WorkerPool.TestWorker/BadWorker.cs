using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace WorkerPool.TestWorker;

/// <summary>Workers that do what no worker should.</summary>
internal static partial class BadWorker
{
    private const int RLIMIT_NOFILE = 7;

    public static int KillSelf(int signal)
    {
        // The runtime has handlers of its own, for SIGSEGV too, and takes one that was sent for nothing.
        _ = SetSignal(signal, 0);
        if (kill(Environment.ProcessId, signal) != 0)
        {
            return 70;
        }

        // The signal goes to any thread, at any time from now on.
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    public static void LimitDescriptors(int count)
    {
        ulong[] limit = [(ulong)count, (ulong)count];
        if (setrlimit(RLIMIT_NOFILE, limit) != 0)
        {
            throw new InvalidOperationException("setrlimit failed.");
        }
    }

    public static async Task<int> SendGarbageAsync()
    {
        using FileStream control = OpenControl();
        byte[] garbage = new byte[100_000];
        new Random(1).NextBytes(garbage);
        await control.WriteAsync(garbage);
        await control.FlushAsync();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static async Task<int> FloodAsync()
    {
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1,"protocolMax":1,"library":"flood"}""");
        await SendAsync(control, """{"type":"ready"}""");
        while (true)
        {
            await SendAsync(control, """{"type":"report","connections":1,"accepted":1}""");
        }
    }

    public static void FloodErrors()
    {
        using Stream errors = Console.OpenStandardError();
        while (true)
        {
            errors.Write("there is a lot to say\n"u8);
        }
    }

    public static async Task<int> CloseControlAsync()
    {
        OpenControl().Dispose();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static async Task<int> SpeakFutureProtocolAsync()
    {
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1000,"protocolMax":1001,"library":"tomorrow"}""");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static async Task CrashAsync(Worker worker, int milliseconds)
    {
        _ = LineServer.ServeAsync(worker);
        await Task.Delay(milliseconds);
        KillSelf(9);
    }

    public static async Task AnswerNothingAsync(Worker worker)
    {
        List<Socket> held = [];
        await worker.ReadyAsync();
        await foreach (Socket client in worker.Listeners[0].AcceptAllAsync())
        {
            held.Add(client);
        }
    }

    public static async Task IgnoreSignalsAsync(Worker worker)
    {
        const int SIGTERM = 15;
        const int SIG_IGN = 1;
        _ = SetSignal(SIGTERM, SIG_IGN);
        await LineServer.HangInDrainAsync(worker);
    }

    /// <summary>
    /// What a server does that knows nothing of this library: the shared listener in a Socket, disposed in the middle of
    /// an accept.
    /// </summary>
    public static async Task<int> WrapListenerAsync()
    {
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1,"protocolMax":1,"library":"old style"}""");
        Socket listener = new(new SafeSocketHandle(3, ownsHandle: true));
        Task<Socket> pending = listener.AcceptAsync();
        await SendAsync(control, """{"type":"ready"}""");
        await WaitForDrainAsync(control);
        listener.Dispose();
        await Task.WhenAny(pending);
        return 0;
    }

    /// <summary>
    /// The call by which a runtime can end an accept that blocks, at the moment when it may do most harm. Wrapping the
    /// listener leads to it only sometimes.
    /// </summary>
    public static async Task<int> DestroyListenerAsync()
    {
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1,"protocolMax":1,"library":"destroyer"}""");
        await SendAsync(control, """{"type":"ready"}""");
        await WaitForDrainAsync(control);
        byte[] unspecified = new byte[16]; // AF_UNSPEC is 0
        return connect(3, unspecified, (uint)unspecified.Length) == 0 ? 0 : 70;
    }

    /// <summary>Floods the pass channel with what is no connection, as soon as it may hand over, and does not go.</summary>
    public static async Task<int> HandOverGarbageAsync()
    {
        int passing = int.Parse(Environment.GetEnvironmentVariable("WORKERPOOL_PASS_FD")!, CultureInfo.InvariantCulture);
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1,"protocolMax":1,"library":"junk"}""");
        await SendAsync(control, """{"type":"ready","takesOver":[{"endpoint":"main","protocol":"test"},{"endpoint":"nobody's","protocol":"test"}]}""");
        await WaitForDrainAsync(control);
        while (true)
        {
            _ = write(passing, new byte[4], 4);
            await Task.Yield();
        }
    }

    /// <summary>Sends a heartbeat, or none, and is silent until it shall drain.</summary>
    public static async Task<int> BeatAsync(string? heartbeat)
    {
        using FileStream control = OpenControl();
        await SendAsync(control, """{"type":"hello","protocolMin":1,"protocolMax":1,"library":"silent"}""");
        await SendAsync(control, heartbeat ?? """{"type":"report","connections":0,"accepted":0}""");
        await SendAsync(control, """{"type":"ready"}""");
        await WaitForDrainAsync(control);
        return 0;
    }

    private static async Task WaitForDrainAsync(FileStream control)
    {
        byte[] buffer = new byte[4096];
        StringBuilder text = new();
        while (!text.ToString().Contains("\"type\":\"drain\"", StringComparison.Ordinal)) // "drain" alone is in the welcome
        {
            int count = await control.ReadAsync(buffer);
            if (count == 0)
            {
                throw new EndOfStreamException("The control channel ended before the drain.");
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    private static async Task SendAsync(FileStream control, string json)
    {
        byte[] payload = Encoding.UTF8.GetBytes(json);
        byte[] frame = [.. BitConverter.GetBytes(payload.Length), .. payload];
        await control.WriteAsync(frame);
        await control.FlushAsync();
    }

    private static FileStream OpenControl()
    {
        int number = int.Parse(Environment.GetEnvironmentVariable("WORKERPOOL_CONTROL_FD")!, CultureInfo.InvariantCulture);
        Debug.Assert(number > 3, "The control channel comes after the listeners.");
        return new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(number, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint disposition);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int connect(int descriptor, byte[] address, uint length);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte[] bytes, nint count);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong[] limit);
}
