using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WorkerPool.Sockets.Activation;

/// <summary>
/// The name under which the service manager keeps the socket of a slot: <c>workerpool.ENDPOINT.SLOT</c>. What an endpoint can
/// be called can be in it, sd_notify(3).
/// </summary>
internal static class StoredName
{
    /// <summary>How long the name of an endpoint may be: 255 less the prefix, a point and the longest number of a slot.</summary>
    public const int MaxEndpointLength = 255 - 11 - 1 - 4;

    private const string Prefix = "workerpool.";

    public static string Of(string endpoint, int slot) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{endpoint}.{slot}");

    public static bool TryRead(string name, [NotNullWhen(true)] out string? endpoint, out int slot)
    {
        (endpoint, slot) = (null, 0);
        int point = name.LastIndexOf('.');
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || point <= Prefix.Length
            || !int.TryParse(name[(point + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out slot))
        {
            return false;
        }

        endpoint = name[Prefix.Length..point];
        return true;
    }
}
