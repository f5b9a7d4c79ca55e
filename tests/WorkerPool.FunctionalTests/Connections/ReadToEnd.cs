using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.FunctionalTests.Connections;

internal static class ReadToEnd
{
    /// <summary>All bytes up to the end, as text.</summary>
    public static async Task<string> ReadToEndAsync(this PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(ConnectionPair.Deadline);
            if (result.IsCompleted)
            {
                string text = Encoding.UTF8.GetString(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                return text;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <inheritdoc cref="ReadToEndAsync(PipeReader)"/>
    public static async Task<byte[]> ReadToEndAsync(this Socket socket)
    {
        MemoryStream all = new();
        byte[] buffer = new byte[65_536];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, ConnectionPair.Deadline)) > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
