using System.Globalization;

namespace WorkerPool.TestWorker;

/// <summary>Lets a test say in the environment what the workers of a master shall be: <c>User=nobody;Nice=-5;OpenFiles=100</c>.</summary>
internal static class WorkerProcesses
{
    public const string Variable = "TEST_WORKER_PROCESSES";

    public static void Configure(WorkerProcessOptions options, string text)
    {
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split('=');
            switch (words[0])
            {
                case "User":
                    options.User = words[1];
                    break;
                case "Group":
                    options.Group = words[1];
                    break;
                case "Nice":
                    options.Nice = Number(words[1]);
                    break;
                default:
                    options.Limits.Add(Enum.Parse<ResourceLimit>(words[0]), Number(words[1]));
                    break;
            }
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
