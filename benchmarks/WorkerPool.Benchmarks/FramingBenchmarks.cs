using System.Buffers;
using BenchmarkDotNet.Attributes;
using WorkerPool.Control;

namespace WorkerPool.Benchmarks;

/// <summary>One report, which each worker sends about once a second, written and read.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private readonly ArrayBufferWriter<byte> _writer = new(256);
    private ReadOnlySequence<byte> _frame;

    [GlobalSetup]
    public void Prepare()
    {
        Write();
        _frame = new ReadOnlySequence<byte>(_writer.WrittenSpan.ToArray());
    }

    [Benchmark]
    public int Write()
    {
        _writer.ResetWrittenCount();
        ControlMessageWriter.Write(_writer, new Report(1_234, 123_456_789));
        return _writer.WrittenCount;
    }

    [Benchmark]
    public bool Read()
    {
        ReadOnlySequence<byte> rest = _frame;
        return ControlFrame.TryRead(ref rest, out ReadOnlySequence<byte> payload) && ControlMessageReader.Parse(payload) is not null;
    }
}
