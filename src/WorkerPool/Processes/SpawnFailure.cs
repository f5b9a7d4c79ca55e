using WorkerPool.Processes.Privileges;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>What a failed spawn most likely means, and what to do. See execve(2), clone(2), posix_spawn(3).</summary>
internal static class SpawnFailure
{
    /// <param name="release">What was to be started.</param>
    /// <param name="errorNumber">The error.</param>
    /// <param name="user">As whom, if not as the user of this process.</param>
    public static SystemCallException Describe(Release release, int errorNumber, ChildUser? user = null) =>
        new($"posix_spawn({release.Executable})", errorNumber, Advice(release, errorNumber, user));

    private static string? Advice(Release release, int errorNumber, ChildUser? user) => errorNumber switch
    {
        _ when errorNumber == ENOENT || errorNumber == ENOTDIR => AdviceOnMissingFile(release),
        _ when errorNumber == EACCES || errorNumber == EPERM =>
            (user is null ? "" : $"{user.Wanted}, so that user must be able to reach and execute it: every directory above needs x. ")
            + "The file must have the execute bit (chmod +x), its file system must not be mounted noexec, and the working "
            + $"directory {release.WorkingDirectory} must be open to this user.",
        _ when errorNumber == ENOEXEC =>
            "The file is neither a program for this machine nor a script that begins with #! and its interpreter.",
        _ when errorNumber == E2BIG => "Arguments and environment together are too long; see execve(2) for the limits.",
        _ when errorNumber == EAGAIN =>
            "The limit of processes is reached: see LimitNPROC= and TasksMax= of systemd, ulimit -u, pids.max of the cgroup.",
        _ when errorNumber == ENOMEM => "Memory is short: see the memory limit of the cgroup and vm.overcommit_memory.",
        _ when errorNumber == EMFILE || errorNumber == ENFILE || errorNumber == EBADF =>
            "The worker needs more descriptors than it may have: raise the limit (LimitNOFILE= of systemd, ulimit -n, OpenFiles of Processes.Limits).",
        _ when errorNumber == ETXTBSY => "Somebody writes to the file. Deploy to a new path, or rename a complete file into place.",
        _ => null,
    };

    private static string AdviceOnMissingFile(Release release)
    {
        if (!Directory.Exists(release.WorkingDirectory))
        {
            return $"The working directory {release.WorkingDirectory} does not exist any more.";
        }

        return File.Exists(release.Executable)
            ? "The file exists, but not its interpreter: the one after #!, or the dynamic loader of its architecture."
            : "The file does not exist any more; keep the files of a release for as long as slots run it.";
    }
}
