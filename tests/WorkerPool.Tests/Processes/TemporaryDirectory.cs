namespace WorkerPool.Tests.Processes;

/// <summary>A directory, its real path, deleted at the end.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = new DirectoryInfo(Directory.CreateTempSubdirectory("workerpool-").FullName).FullName;

    public string Combine(string relative) => System.IO.Path.Combine(Path, relative);

    public string AddFile(string relative, string content = "", bool executable = false)
    {
        string path = Combine(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        if (executable)
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Makes a symbolic link, or switches it.</summary>
    public string Link(string relative, string target)
    {
        string path = Combine(relative);
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
