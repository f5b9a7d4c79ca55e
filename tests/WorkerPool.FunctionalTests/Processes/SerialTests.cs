using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>
/// For tests that count what the whole process has, change what it has only once (signal dispositions), or execute
/// files that they have just written: a child that another test starts at that moment holds the file open for writing.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SerialTests
{
    public const string Name = "Nothing else runs";
}
