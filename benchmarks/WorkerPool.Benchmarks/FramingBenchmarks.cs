using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BenchmarkDotNet.Attributes;
using WorkerPool.Control;

namespace WorkerPool.Benchmarks;

/// <summary>One report, which each worker sends about once a second, written and read: what frames and checks add to JSON.</summary>
[Config(typeof(ShortConfig))]
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private static readonly JsonTypeInfo Json = ControlJson.TypeNamed("report")!;

    private readonly Report _report = new(1_234, 123_456_789);
    private readonly ArrayBufferWriter<byte> _writer = new(256);

    [Benchmark(Baseline = true)]
    public bool JsonSerializerAlone()
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(_report, Json);
        return JsonSerializer.Deserialize(payload, Json) is Report;
    }

    [Benchmark]
    public bool WriteAndReadFrame()
    {
        _writer.ResetWrittenCount();
        ControlMessageWriter.Write(_writer, _report);
        ReadOnlySequence<byte> rest = new(_writer.WrittenMemory);
        return ControlFrame.TryRead(ref rest, out ReadOnlySequence<byte> payload) && ControlMessageReader.Parse(payload) is Report;
    }
}
