namespace WorkerPool.Processes;

/// <summary>What may stand in a release; each failure names the value.</summary>
internal static class ReleaseChecks
{
    public const int MaxLabelLength = 100;

    public static string Label(string label)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        if (label.Length > MaxLabelLength || label.Any(char.IsControl))
        {
            throw new ArgumentException(
                $"The label \"{label}\" is not valid: at most {MaxLabelLength} characters, none of them a control character.",
                nameof(label));
        }

        return label;
    }

    public static string Path(string path, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(path, parameter);
        return WithoutNul(path, $"The path \"{path}\"", parameter);
    }

    public static string[] Arguments(IEnumerable<string> arguments)
    {
        string[] copy = [.. arguments];
        for (int i = 0; i < copy.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(copy[i], $"arguments[{i}]");
            WithoutNul(copy[i], $"Argument {i} (\"{copy[i]}\")", nameof(arguments));
        }

        return copy;
    }

    public static void EnvironmentVariable(string name, string? value)
    {
        if (string.IsNullOrEmpty(name) || name.Contains('=', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"The name of an environment variable \"{name}\" is not valid: it must not be empty nor contain '='.", nameof(name));
        }

        WithoutNul(name, $"The name of an environment variable \"{name}\"", nameof(name));
        WithoutNul(value ?? "", $"The environment variable {name}", nameof(value));
    }

    // The kernel ends every string at its first NUL; the rest would be lost in silence.
    private static string WithoutNul(string value, string what, string parameter) =>
        !value.Contains('\0', StringComparison.Ordinal)
            ? value
            : throw new ArgumentException($"{what.Replace('\0', '\uFFFD')} contains a NUL character.", parameter);
}
