namespace WorkerPool.Cli;

/// <summary>Finds the control socket: what the user says, or the environment, or the only one that there is.</summary>
internal static class ControlPath
{
    public const string Variable = "WORKERPOOL_CONTROL";

    /// <exception cref="ControlException">There is none.</exception>
    /// <exception cref="UsageException">There are several.</exception>
    public static string Find(string? option, Func<string, string?> variable, Func<string, IEnumerable<string>> socketsIn)
    {
        if (option is { Length: > 0 })
        {
            return Path.GetFullPath(option);
        }

        if (variable(Variable) is { Length: > 0 } path)
        {
            return Path.GetFullPath(path);
        }

        string[] directories = [.. Directories(variable)];
        string[] found = [.. directories.SelectMany(socketsIn)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ControlException(
                ControlFailure.NoMaster,
                $"There is no control socket in {string.Join(" or ", directories)}. Is the master running? Say where its socket is: --control PATH, or {Variable}."),
            _ => throw new UsageException($"There are several control sockets; choose one with --control: {string.Join(", ", found)}."),
        };
    }

    public static IEnumerable<string> SocketsIn(string directory)
    {
        try
        {
            return Directory.GetFiles(directory, "*.sock").Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // not there, or not for this user: no socket for this user either
        }
    }

    private static IEnumerable<string> Directories(Func<string, string?> variable)
    {
        if (variable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            yield return Path.Combine(runtime, "workerpool");
        }

        yield return "/run/workerpool";
    }
}
