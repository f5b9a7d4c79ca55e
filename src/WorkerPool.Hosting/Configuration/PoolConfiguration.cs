using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace WorkerPool.Hosting.Configuration;

/// <summary>The section of the configuration that has the options of the pool, read key by key.</summary>
/// <remarks>
/// Not with the binder of Microsoft.Extensions: it passes over keys that it does not know, and does not say what is
/// allowed where a value is wrong.
/// </remarks>
internal sealed class PoolConfiguration(IConfigurationSection section)
{
    public IChangeToken ReloadToken => section.GetReloadToken();

    /// <summary>The key of an option by its name in code.</summary>
    public string KeyOf(string option) => $"{section.Path}:{option.Replace('.', ':')}";

    /// <summary>All keys and values as they are now; keys without the name of the section.</summary>
    public Dictionary<string, string> Values()
    {
        int prefix = section.Path.Length + 1;
        return section.AsEnumerable()
            .Where(pair => pair.Value is not null && pair.Key.Length > prefix)
            .ToDictionary(pair => pair.Key[prefix..], pair => pair.Value!, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Sets what the configuration has.</summary>
    /// <returns>What is wrong, a sentence for each key; empty if nothing is.</returns>
    public IReadOnlyList<string> Apply(PoolOptions options)
    {
        List<string> faults = [];
        EndpointKeys endpoints = new(options);
        foreach ((string key, string value) in Values().OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                if (!OptionKeys.TrySet(options, key, value) && !endpoints.TrySet(key, value) && !LiveSettings.TrySet(key, value))
                {
                    faults.Add($"{KeyOf(key)} is not known (its value is \"{value}\"). {OptionKeys.Nearest(key)}");
                }
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                faults.Add($"{KeyOf(key)} is \"{value}\": {e.Message.Split('\n')[0]}");
            }
        }

        faults.AddRange(endpoints.Listen().Select(fault => $"{KeyOf(fault.Key)} {fault.What}"));
        return faults;
    }
}
