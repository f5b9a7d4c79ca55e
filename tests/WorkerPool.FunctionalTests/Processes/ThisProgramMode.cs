using System.Runtime.CompilerServices;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>Lets the test program, when a test starts it as a child, say what it takes itself for instead of running tests.</summary>
internal static class ThisProgramMode
{
    public const string Variable = "TEST_SAY_THIS_PROGRAM";

    [ModuleInitializer]
    internal static void SayAndExit()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            return;
        }

        Release release = Release.Current();
        Console.Error.WriteLine(string.Join('\n', [release.Executable, .. release.Arguments]));
        Environment.Exit(42);
    }
}
