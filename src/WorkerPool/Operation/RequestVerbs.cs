using System.Text.Json.Serialization.Metadata;

namespace WorkerPool.Operation;

/// <summary>What can be asked for.</summary>
internal static class RequestVerbs
{
    private static readonly Dictionary<string, JsonTypeInfo> Types = new()
    {
        ["hello"] = RequestJson.Default.HelloRequest,
        ["status"] = RequestJson.Default.StatusRequest,
        ["events"] = RequestJson.Default.EventsRequest,
        ["start"] = RequestJson.Default.StartRequest,
        ["drain"] = RequestJson.Default.DrainRequest,
        ["replace"] = RequestJson.Default.ReplaceRequest,
        ["scale"] = RequestJson.Default.ScaleRequest,
        ["roll"] = RequestJson.Default.RollRequest,
        ["pause"] = RequestJson.Default.PauseRequest,
        ["resume"] = RequestJson.Default.ResumeRequest,
        ["abort"] = RequestJson.Default.AbortRequest,
        ["weight"] = RequestJson.Default.WeightRequest,
        ["share"] = RequestJson.Default.ShareRequest,
        ["suspend-respawn"] = RequestJson.Default.SuspendRespawnRequest,
        ["resume-respawn"] = RequestJson.Default.ResumeRespawnRequest,
        ["reopen-logs"] = RequestJson.Default.ReopenLogsRequest,
        ["stop"] = RequestJson.Default.StopRequest,
    };

    public static IEnumerable<string> All => Types.Keys;

    /// <summary>How the request of a verb is read; null: there is no such verb.</summary>
    public static JsonTypeInfo? TypeOf(string verb) => Types.GetValueOrDefault(verb);

    /// <summary>The verb of a request.</summary>
    public static string Of(Request request) => Types.First(type => type.Value.Type == request.GetType()).Key;
}
