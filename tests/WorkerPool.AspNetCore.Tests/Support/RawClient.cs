using System.Net.Sockets;
using System.Text;

namespace WorkerPool.AspNetCore.Tests.Support;

/// <summary>HTTP/1.1 by hand, on one connection; nothing is ever tried again. Every wait has a deadline.</summary>
internal sealed class RawClient(Socket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _received = new();

    public Task SendAsync(string text) => socket.SendAsync(Encoding.ASCII.GetBytes(text)).WaitAsync(Patience);

    public Task SendRequestAsync(string path) => SendAsync($"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");

    /// <summary>One answer, which has a length; its head and its body.</summary>
    public async Task<string> ReceiveAsync()
    {
        while (true)
        {
            string text = _received.ToString();
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && IsWhole(text, end + 4, out int length))
            {
                _received.Remove(0, end + 4 + length);
                return text[..(end + 4 + length)];
            }

            if (await ReceiveSomeAsync() == 0)
            {
                throw new IOException($"The connection ended in the middle of an answer: {text}");
            }
        }
    }

    public async Task<string> AskAsync(string path)
    {
        await SendRequestAsync(path);
        return await ReceiveAsync();
    }

    /// <summary>Whether the server has ended its side in order, and sent nothing before. Throws if it was a reset.</summary>
    public async Task<bool> IsEndedAsync() => await ReceiveSomeAsync() == 0;

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(string text, int body, out int length)
    {
        string head = text[..body];
        length = 0;
        foreach (string line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(line.AsSpan(16), System.Globalization.CultureInfo.InvariantCulture);
                return text.Length >= body + length;
            }
        }

        // Chunked: the tests' bodies are short and end so.
        int end = text.IndexOf("\r\n0\r\n\r\n", body, StringComparison.Ordinal);
        length = end < 0 ? 0 : end + 7 - body;
        return end >= 0;
    }

    private async Task<int> ReceiveSomeAsync()
    {
        byte[] buffer = new byte[4096];
        int count = await socket.ReceiveAsync(buffer).WaitAsync(Patience);
        _received.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return count;
    }
}
