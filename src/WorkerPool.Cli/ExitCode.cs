namespace WorkerPool.Cli;

/// <summary>How the tool ends; scripts may rely on it.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int NotDone = 1; // refused or failed
    public const int RolledBack = 2;
    public const int NoMaster = 3;
    public const int Usage = 64; // EX_USAGE, sysexits.h
    public const int Interrupted = 130; // as of a shell: 128 + SIGINT

    public static int Of(Verdict verdict) => verdict.Outcome switch
    {
        Outcome.Done => Done,
        Outcome.RolledBack => RolledBack,
        _ => NotDone,
    };
}
