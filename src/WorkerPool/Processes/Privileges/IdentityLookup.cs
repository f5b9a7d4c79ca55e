using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes.Privileges;

/// <summary>Turns the names of user and groups into the credentials of a child.</summary>
internal static class IdentityLookup
{
    private const string Options = nameof(PoolOptions.Processes);
    private const string UserOption = $"{Options}.{nameof(WorkerProcessOptions.User)}";
    private const string GroupOption = $"{Options}.{nameof(WorkerProcessOptions.Group)}";
    private const string GroupsOption = $"{Options}.{nameof(WorkerProcessOptions.SupplementaryGroups)}";

    private static readonly string[] OfUser = ["HOME", "LOGNAME", "USER", "SHELL"];

    /// <summary>Null if the options leave the credentials as they are.</summary>
    /// <exception cref="ArgumentException">There is no such user or group; the message names the option.</exception>
    /// <exception cref="SystemCallException">The database of users does not answer.</exception>
    public static ChildUser? Resolve(WorkerProcessOptions options)
    {
        if (options is { User: null, Group: null, SupplementaryGroups.Count: 0 })
        {
            return null;
        }

        (uint id, UserDatabase.Entry? entry) = options.User is string user ? UserDatabase.FindUser(user, UserOption) : ((uint)geteuid(), null);
        uint group = options.Group is string name ? UserDatabase.FindGroup(name, GroupOption)
            : entry?.Group ?? (options.User is null ? (uint)getegid() : throw OptionFault.Create(UserOption, $"{UserOption} is {options.User}, which is not in the database of users, so it has no group: set {GroupOption}, too."));
        uint[] database = entry is not null ? UserDatabase.GroupsOf(entry, group) : options.User is null ? OwnGroups() : [group];
        uint[] extra = [.. options.SupplementaryGroups.Select(text => UserDatabase.FindGroup(text, GroupsOption))];
        ChildUser resolved = new(id, group, [.. database.Concat(extra).Distinct()])
        {
            Wanted = Describe(options),
            Environment = options.User is null ? new Dictionary<string, string?>() : OfUser.ToDictionary(variable => variable, variable => Value(variable, entry)),
        };
        return resolved;
    }

    /// <summary>Whether this process has these credentials already, so that no right is needed.</summary>
    public static bool IsOwn(ChildUser user) =>
        user.Id == (uint)getuid() && user.Id == (uint)geteuid() && user.Group == (uint)getgid() && user.Group == (uint)getegid()
        && user.Groups.Append(user.Group).ToHashSet().SetEquals(OwnGroups().Append(user.Group));

    private static string? Value(string variable, UserDatabase.Entry? entry) => variable switch
    {
        _ when entry is null => null,
        "HOME" => entry.Home,
        "SHELL" => entry.Shell,
        _ => entry.Name,
    };

    private static string Describe(WorkerProcessOptions options) => string.Join(", ", new[]
    {
        options.User is null ? null : $"{UserOption} is \"{options.User}\"",
        options.Group is null ? null : $"{GroupOption} is \"{options.Group}\"",
        options.SupplementaryGroups.Count == 0 ? null : $"{GroupsOption} has {string.Join(", ", options.SupplementaryGroups)}",
    }.OfType<string>());

    private static unsafe uint[] OwnGroups()
    {
        int count = SystemCall.Check(Libc.getgroups(0, null), "getgroups");
        uint[] groups = new uint[count + 1]; // an array of none has no address
        fixed (uint* first = groups)
        {
            return groups[..SystemCall.Check(Libc.getgroups(count, first), "getgroups")];
        }
    }
}
