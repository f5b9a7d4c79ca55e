using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Hosting;

namespace WorkerPool.AspNetCore.Start;

/// <summary>
/// In place of the host's own console lifetime, which would stop the app at once on SIGTERM: to a worker it means to drain.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class WorkerHostLifetime : IHostLifetime
{
    private Exception? _failure;

    /// <summary>The worker could not get ready; the host is being stopped for it.</summary>
    public void Fail(Exception failure) => _failure = failure;

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The last step of the host's stop: what this throws comes out of the app's <c>RunAsync</c>.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        return Task.CompletedTask;
    }
}
