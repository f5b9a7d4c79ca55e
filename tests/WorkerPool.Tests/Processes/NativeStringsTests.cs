using System.Runtime.InteropServices;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed unsafe class NativeStringsTests
{
    [Fact]
    public void Every_string_ends_in_NUL_and_the_array_in_null()
    {
        string[] texts = ["", "a", "ä€😀", new('x', 10_000), ""];
        using NativeStrings native = new(texts);
        Assert.Equal(texts, Read(native));
    }

    [Fact]
    public void No_strings_are_an_array_of_null()
    {
        using NativeStrings native = new([]);
        Assert.Empty(Read(native));
    }

    [Fact]
    public void Disposing_twice_frees_once()
    {
        NativeStrings native = new(["a"]);
        native.Dispose();
        native.Dispose();
        Assert.True(native.Pointers == null);
    }

    private static List<string?> Read(NativeStrings native)
    {
        List<string?> result = [];
        for (byte** pointer = native.Pointers; *pointer != null; pointer++)
        {
            result.Add(Marshal.PtrToStringUTF8((nint)(*pointer)));
        }

        return result;
    }
}
