using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class RuntimeDefaultsTests
{
    private const string Spinning = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    // More than there are processors on any machine with fewer than 6.
    private const int Many = 3;

    [Fact]
    public async Task Workers_get_the_runtime_defaults()
    {
        await using TestPool pool = await StartAsync(static _ => { });
        Assert.Equal("0", Variable(pool.ProcessOf(0)));
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        Assert.Equal("0", Variable(pool.ProcessOf(0)));
    }

    [Fact]
    public async Task What_the_release_says_is_left_alone()
    {
        await using TestPool pool = await StartAsync(static options => options.Release = options.Release!.WithEnvironment(Spinning, "5"));
        Assert.Equal("5", Variable(pool.ProcessOf(0)));
        (await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "serve").WithEnvironment(Spinning, null))).EnsureDone();
        Assert.Null(Variable(pool.ProcessOf(0)));
    }

    [Fact]
    public async Task Off_means_off()
    {
        await using TestPool pool = await StartAsync(static options => options.RuntimeDefaults = false);
        Assert.Null(Variable(pool.ProcessOf(0)));
    }

    private static Task<TestPool> StartAsync(Action<PoolOptions> change)
    {
        Assert.SkipWhen(Environment.ProcessorCount >= 2 * Many, "three workers are not many on this machine");
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Spinning) is not null, $"{Spinning} is set already");
        return TestPool.StartAsync(options =>
        {
            options.WorkerCount = Many;
            change(options);
        });
    }

    private static string? Variable(int process) =>
        File.ReadAllText($"/proc/{process}/environ").Split('\0')
            .FirstOrDefault(variable => variable.StartsWith(Spinning + "=", StringComparison.Ordinal))?[(Spinning.Length + 1)..];
}
