using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace WorkerPool.AspNetCore.Start;

/// <summary>What must be so before a worker is ready: the app's own health checks, then the warm-up.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class Readiness(IServiceProvider services, SelfClients clients, WorkerWebOptions options, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <exception cref="InvalidOperationException">The app is not ready; the message says why.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await BeHealthyAsync(cancellationToken);
        foreach (string endpoint in clients.Endpoints.ToArray())
        {
            await AskForPathsAsync(endpoint, cancellationToken);
        }

        if (options.WarmUp is not null)
        {
            await options.WarmUp(new WarmUpContext(services, clients), cancellationToken);
        }
    }

    private async Task BeHealthyAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<HealthCheckService>() is not HealthCheckService health || options.ReadinessTag is not string tag
            || !services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Any(check => check.Tags.Contains(tag)))
        {
            return;
        }

        long begin = time.GetTimestamp();
        while (true)
        {
            HealthReport report = await health.CheckHealthAsync(check => check.Tags.Contains(tag), cancellationToken);
            if (report.Status != HealthStatus.Unhealthy)
            {
                return;
            }

            if (time.GetElapsedTime(begin) >= options.ReadinessTimeout)
            {
                throw new InvalidOperationException(Describe(report));
            }

            await Task.Delay(Period, time, cancellationToken);
        }
    }

    private string Describe(HealthReport report)
    {
        (string name, HealthReportEntry entry) = report.Entries.First(entry => entry.Value.Status == HealthStatus.Unhealthy);
        return $"after {options.ReadinessTimeout.TotalSeconds:0.###} s the health check \"{name}\" is unhealthy: "
            + $"{entry.Description ?? entry.Exception?.Message ?? "it does not say why"}";
    }

    private async Task AskForPathsAsync(string endpoint, CancellationToken cancellationToken)
    {
        for (int round = 0; round < options.WarmUpRounds && options.WarmUpPaths.Count > 0; round++)
        {
            using HttpClient client = clients.Create(endpoint); // each round has its own connection, as clients do
            foreach (string path in options.WarmUpPaths)
            {
                using HttpResponseMessage answer = await client.GetAsync(path, cancellationToken);
                await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
                if ((int)answer.StatusCode >= 400)
                {
                    throw new InvalidOperationException($"GET {path} on endpoint \"{endpoint}\" was answered with {(int)answer.StatusCode} {answer.ReasonPhrase}.");
                }
            }
        }
    }
}
