using System.Globalization;

namespace WorkerPool.WebBenchmarks.StartUp;

/// <summary>What is started: <c>[--rounds N] [--workers N ...] NAME=COMMAND ...</c>, each command a worker of this library.</summary>
internal sealed class StartUpOptions
{
    public int Rounds { get; private set; } = 20;

    /// <summary>For how many workers at once the memory is measured.</summary>
    public List<int> Workers { get; } = [];

    public List<(string Name, string[] Command)> Programs { get; } = [];

    public static StartUpOptions Parse(string[] arguments)
    {
        StartUpOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds":
                    options.Rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--workers":
                    options.Workers.Add(int.Parse(arguments[++i], CultureInfo.InvariantCulture));
                    break;
                default:
                    string[] parts = arguments[i].Split('=', 2);
                    options.Programs.Add((parts[0], parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
                    break;
            }
        }

        return options.Programs.Count > 0 ? options : throw new FormatException("Give at least one NAME=COMMAND.");
    }
}
