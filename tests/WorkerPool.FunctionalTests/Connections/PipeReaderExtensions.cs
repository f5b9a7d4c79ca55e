using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace WorkerPool.FunctionalTests.Connections;

internal static class PipeReaderExtensions
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
}
