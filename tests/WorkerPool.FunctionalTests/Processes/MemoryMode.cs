using System.Globalization;
using System.Runtime.CompilerServices;
using WorkerPool.Processes;
using WorkerPool.Supervision;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>Lets the test program, started by a test, say what it measures: of the process in its argument, or of the machine.</summary>
internal static class MemoryMode
{
    public const string Variable = "TEST_MEMORY_MODE";
    public const string Measure = "measure";

    [ModuleInitializer]
    internal static void ActAndExit()
    {
        if (Environment.GetEnvironmentVariable(Variable) != Measure)
        {
            return;
        }

        string[] arguments = Environment.GetCommandLineArgs()[1..];
        MemoryAmount amount = arguments is [string process]
            ? ProcessMemory.Read(int.Parse(process, CultureInfo.InvariantCulture))
            : MachineMemory.Read();
        Console.Error.WriteLine($"{amount.Bytes} {amount.Source}");
        Environment.Exit(0);
    }
}
