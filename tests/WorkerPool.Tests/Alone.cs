using Xunit;

namespace WorkerPool.Tests;

/// <summary>Tests that change or measure something of the whole process; nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
