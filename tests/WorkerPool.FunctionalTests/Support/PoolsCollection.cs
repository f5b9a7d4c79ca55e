using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Tests that run whole pools, one after the other: two cores are not enough for several at a time.</summary>
[CollectionDefinition("Pools", DisableParallelization = true)]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection, of tests.")]
public sealed class PoolsCollection;
