using System.Runtime.CompilerServices;
using WorkerPool.Processes;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>Lets the test program, when a test starts it as a child, do something else than run tests.</summary>
internal static class ThisProgramMode
{
    public const string Variable = "TEST_THIS_PROGRAM_MODE";

    /// <summary>It says what it takes itself for.</summary>
    public const string Say = "say";

    /// <summary>It runs its last argument as a script of the shell.</summary>
    public const string Spawn = "spawn";

    [ModuleInitializer]
    internal static void ActAndExit()
    {
        switch (Environment.GetEnvironmentVariable(Variable))
        {
            case Say:
                SayRelease();
                Environment.Exit(42);
                break;
            case Spawn:
                SpawnShell(Environment.GetCommandLineArgs()[^1]);
                Environment.Exit(42);
                break;
        }
    }

    private static void SayRelease()
    {
        Release release = Release.Current();
        Console.Error.WriteLine(string.Join('\n', [release.Executable, .. release.Arguments]));
    }

    private static void SpawnShell(string script)
    {
        using ChildProcess child = Spawner.Spawn(new SpawnRequest { Release = Child.ShellRelease(script) });
        child.Exited.Wait(Child.Deadline);
    }
}
