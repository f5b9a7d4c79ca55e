namespace WorkerPool.FunctionalTests.Support;

/// <summary>A directory for socket files, short enough for the kernel.</summary>
internal sealed class RunDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("wp");

    public string File(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
