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
        int? process = arguments is [string number] ? int.Parse(number, CultureInfo.InvariantCulture) : null;
        MemoryAmount amount = process is null ? MachineMemory.Read() : ProcessMemory.Read(process.Value);
        Console.Error.WriteLine($"{amount.Bytes} {amount.Source}");
        if (process is not null)
        {
            Console.Error.WriteLine($"proportional {ProcessMemory.ReadProportional(process.Value)}, clock {ProcessClock.Read(process.Value) is not null}");
        }

        Environment.Exit(0);
    }
}
