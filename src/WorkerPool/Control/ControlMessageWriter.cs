using System.Buffers;
using System.Text.Json;

namespace WorkerPool.Control;

/// <summary>Writes messages as frames.</summary>
internal static class ControlMessageWriter
{
    /// <exception cref="ArgumentException">The message does not fit into a frame, or has a value that the peer would refuse.</exception>
    public static void Write(IBufferWriter<byte> writer, ControlMessage message)
    {
        if (message.Fault() is { } fault)
        {
            throw new ArgumentException($"The message \"{message.Type}\" {fault}.", nameof(message));
        }

        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.TypeOf(message));
        if (payload.Length > ControlFrame.MaxPayload)
        {
            throw new ArgumentException(
                $"The message \"{message.Type}\" has {payload.Length} bytes; a frame holds at most {ControlFrame.MaxPayload}.", nameof(message));
        }

        ControlFrame.WriteHeader(writer, payload.Length);
        writer.Write(payload);
    }
}
