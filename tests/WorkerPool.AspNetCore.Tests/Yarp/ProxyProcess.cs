using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using static Tmds.Linux.LibC;

namespace WorkerPool.AspNetCore.Tests.Yarp;

/// <summary>The sample <c>YarpProxy</c>, run from its build folder with a configuration file of its own.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private const string Listens = "listens on ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _file;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _said = [];

    private ProxyProcess(string configuration, int workers)
    {
        _file = Path.GetTempFileName();
        Configuration = configuration;

        // Signals as a service manager leaves them, also if the tests run under nohup: the pool could not be told to roll.
        string program = Path.Combine(AppContext.BaseDirectory, "YarpProxy");
        ProcessStartInfo start = new(
            "env",
            ["--default-signal", program, "--listen", "127.0.0.1:0", "--workers", workers.ToString(CultureInfo.InvariantCulture), "--config", _file, "--bake", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Hear;
        _process.ErrorDataReceived += Hear;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    public string Configuration
    {
        get;
        set
        {
            field = value;
            File.WriteAllText(_file, value);
        }
    }

    public static async Task<ProxyProcess> StartAsync(string configuration, int workers)
    {
        ProxyProcess proxy = new(configuration, workers);
        string line = await proxy.SaysAsync(Listens);
        proxy.EndPoint = IPEndPoint.Parse(line[(line.IndexOf(Listens, StringComparison.Ordinal) + Listens.Length)..].TrimEnd('.'));
        await proxy.SaysAsync("workers are ready");
        return proxy;
    }

    /// <summary>Rolls out what the files are now; gives the verdict.</summary>
    public async Task<string> HangUpAsync()
    {
        Signal(SIGHUP);
        string line = await SaysAsync("Done, ", "RolledBack, ", "Failed, ", "Refused");
        return line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Signal(SIGTERM);
            using CancellationTokenSource deadline = new(Patience);
            await _process.WaitForExitAsync(deadline.Token);
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
            File.Delete(_file);
        }
    }

    private void Signal(int signal)
    {
        if (kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"The proxy has ended. It said:\n{Said}");
        }
    }

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is string text)
        {
            lock (_said)
            {
                _said.Add(text);
            }

            _lines.Writer.TryWrite(text);
        }
    }

    private string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <summary>The next line that has one of the texts.</summary>
    private async Task<string> SaysAsync(params string[] texts)
    {
        using CancellationTokenSource deadline = new(Patience);
        try
        {
            while (true)
            {
                string line = await _lines.Reader.ReadAsync(deadline.Token);
                if (texts.Any(text => line.Contains(text, StringComparison.Ordinal)))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not said within {Patience}: {string.Join(" or ", texts)}. What the proxy said:\n{Said}");
        }
    }
}
