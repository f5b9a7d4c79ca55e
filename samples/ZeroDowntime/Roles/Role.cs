namespace ZeroDowntime.Roles;

/// <summary>The first argument of the roles that the demonstration starts of its own program.</summary>
internal static class Role
{
    /// <summary>A worker of the proxy.</summary>
    public const string Proxy = "proxy";

    /// <summary>The server behind the proxy.</summary>
    public const string Origin = "origin";

    /// <summary>The clients in front of it.</summary>
    public const string Load = "load";
}
