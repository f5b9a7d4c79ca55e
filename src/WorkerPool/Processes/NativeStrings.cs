using System.Runtime.InteropServices;
using System.Text;

namespace WorkerPool.Processes;

/// <summary>Strings as C has them: an array of pointers to UTF-8 ended by NUL, ended by a null pointer; one block of memory.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _pointers;

    public NativeStrings(IReadOnlyCollection<string> strings)
    {
        int header = (strings.Count + 1) * sizeof(byte*);
        int size = strings.Sum(text => Encoding.UTF8.GetByteCount(text) + 1) + header;
        _pointers = (byte**)NativeMemory.Alloc((nuint)size);
        Span<byte> rest = new((byte*)_pointers + header, size - header);
        int index = 0;
        foreach (string text in strings)
        {
            _pointers[index++] = (byte*)_pointers + size - rest.Length;
            int written = Encoding.UTF8.GetBytes(text, rest);
            rest[written] = 0;
            rest = rest[(written + 1)..];
        }

        _pointers[index] = null;
    }

    public byte** Pointers => _pointers;

    public byte* First => _pointers[0];

    public void Dispose()
    {
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
