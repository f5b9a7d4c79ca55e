namespace Samples;

/// <summary>Memory that a worker holds for its whole life, to stand for caches, code and data of a real program.</summary>
internal static class Ballast
{
    private const int Megabyte = 1 << 20;

    private static readonly List<byte[]> Blocks = [];

    /// <summary>Allocates, and writes to every page: memory that was never touched takes no room.</summary>
    /// <param name="megabytes">In units of 2^20 bytes.</param>
    public static void Take(int megabytes)
    {
        for (int i = 0; i < megabytes; i++)
        {
            // Pinned: the collector never moves it, so it never counts twice.
            byte[] block = GC.AllocateUninitializedArray<byte>(Megabyte, pinned: true);
            for (int page = 0; page < block.Length; page += Environment.SystemPageSize)
            {
                block[page] = 1;
            }

            Blocks.Add(block);
        }
    }
}
