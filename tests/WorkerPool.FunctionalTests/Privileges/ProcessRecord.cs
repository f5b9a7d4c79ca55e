using System.Globalization;
using WorkerPool.Processes;

namespace WorkerPool.FunctionalTests.Privileges;

/// <summary>What /proc says of a process or a thread.</summary>
internal sealed class ProcessRecord(string directory)
{
    private readonly string _status = File.ReadAllText(directory + "/status");

    public static ProcessRecord Of(int process) => new($"/proc/{process}");

    /// <summary>Of each thread of a process.</summary>
    public static IEnumerable<ProcessRecord> ThreadsOf(int process)
    {
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            ProcessRecord record;
            try
            {
                record = new ProcessRecord(thread);
            }
            catch (IOException)
            {
                continue; // it ended in the meantime
            }

            yield return record;
        }
    }

    public string Name => Field("Name");

    public string Users => Field("Uid");

    public string GroupIds => Field("Gid");

    public string Groups => Field("Groups");

    public string Umask => Field("Umask");

    public string NoNewPrivileges => Field("NoNewPrivs");

    public string Capabilities => Field("CapEff");

    public string Processors => Field("Cpus_allowed_list");

    public string Environment => File.ReadAllText(directory + "/environ");

    public string Cgroups => File.ReadAllText(directory + "/cgroup");

    /// <summary>Soft and hard limit, as /proc/PID/limits has them.</summary>
    public string Limit(string name)
    {
        string line = File.ReadLines(directory + "/limits").Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return string.Join(' ', line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2));
    }

    public int Nice => int.Parse(File.ReadAllText(directory + "/stat").Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture);

    private string Field(string name) => string.Join(' ', KernelText.Field(_status, name) ?? []);
}
