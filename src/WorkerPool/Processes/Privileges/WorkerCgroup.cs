namespace WorkerPool.Processes.Privileges;

/// <summary>The cgroup of one worker: made before it, removed after it, cgroups(7) and the kernel's cgroup-v2.rst.</summary>
internal sealed class WorkerCgroup
{
    // The kernel needs a moment between the exit of a process and the empty cgroup.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private const int Tries = 20;

    private WorkerCgroup(string path) => Path = path;

    public string Path { get; }

    /// <exception cref="IOException">It could not be made or set up; the message has the path.</exception>
    public static WorkerCgroup Create(string path, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        try
        {
            Directory.CreateDirectory(path);
            foreach ((string file, string value) in settings)
            {
                Write(System.IO.Path.Combine(path, file), value);
            }

            return new WorkerCgroup(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The cgroup {path} could not be made: {e.Message}", e);
        }
    }

    /// <summary>Writes one of the kernel's files.</summary>
    /// <exception cref="IOException">The message has the path and the value.</exception>
    public static void Write(string file, string value)
    {
        try
        {
            File.WriteAllText(file, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"\"{value}\" could not be written to {file}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Removes it, when its last process has ended. Processes that the worker started and left behind keep it; it is then
    /// removed when the next master starts.
    /// </summary>
    /// <returns>Why it is still there; null if it is gone.</returns>
    public async Task<string?> RemoveAsync(TimeProvider time)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (TryRemove(Path) is not string reason)
            {
                return null;
            }

            if (attempt == Tries)
            {
                return $"The cgroup {Path} of a worker that has ended is still there: {reason}";
            }

            await Task.Delay(Pause, time).ConfigureAwait(false);
        }
    }

    /// <summary>Why it is still there; null if it is gone. The kernel removes none that has processes.</summary>
    public static string? TryRemove(string path)
    {
        try
        {
            Directory.Delete(path); // its files go with it
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
