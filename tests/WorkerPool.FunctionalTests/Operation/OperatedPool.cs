using WorkerPool.FunctionalTests.Support;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>A test pool with a control socket.</summary>
internal sealed class OperatedPool : IAsyncDisposable
{
    private readonly RunDirectory _directory;

    private OperatedPool(RunDirectory directory, TestPool pool)
    {
        _directory = directory;
        Pool = pool;
    }

    public TestPool Pool { get; }

    public string Path => _directory.File("control.sock");

    public static async Task<OperatedPool> StartAsync(Action<PoolOptions>? change = null)
    {
        RunDirectory directory = new();
        try
        {
            return new OperatedPool(directory, await TestPool.StartAsync(options =>
            {
                options.WorkerCount = 2;
                options.ControlPath = directory.File("control.sock");
                change?.Invoke(options);
            }));
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public RawOperator Connect() => RawOperator.Connect(Path);

    public Task<ControlClient> ClientAsync() => ControlClient.ConnectAsync(Path);

    /// <summary>The description of a release of test workers.</summary>
    public static ReleaseDescription Release(string label, params string[] behaviour) =>
        new() { Executable = TestPool.WorkerProgram, Arguments = behaviour, Label = label };

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync();
        _directory.Dispose();
    }
}
