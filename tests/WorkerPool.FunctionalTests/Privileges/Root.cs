using Xunit;

namespace WorkerPool.FunctionalTests.Privileges;

/// <summary>What only root can test.</summary>
internal static class Root
{
    public const string Nobody = "65534 65534 65534 65534";

    public static void Require() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start a process of another user");
}
