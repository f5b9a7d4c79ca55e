using System.ComponentModel;
using System.Diagnostics;

namespace WorkerPool.Benchmarks;

/// <summary>A C program of this project, compiled for the time of a run.</summary>
internal sealed class CProgram : IDisposable
{
    private readonly DirectoryInfo _directory;

    private CProgram(DirectoryInfo directory, string path)
    {
        _directory = directory;
        Path = path;
    }

    /// <summary>The executable.</summary>
    public string Path { get; }

    /// <summary>Compiles a source file, named from the directory of the benchmarks; null: there is no gcc.</summary>
    /// <exception cref="InvalidOperationException">gcc refused it; it has said why on standard error.</exception>
    public static CProgram? TryCompile(string source)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("workerpool-");
        string output = System.IO.Path.Combine(directory.FullName, System.IO.Path.GetFileNameWithoutExtension(source));
        CProgram program = new(directory, output);
        try
        {
            using Process gcc = Process.Start("gcc", ["-O2", "-Wall", "-o", output, System.IO.Path.Combine(AppContext.BaseDirectory, source)]);
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc could not compile \"{source}\".");
        }
        catch (Win32Exception)
        {
            program.Dispose();
            return null;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
