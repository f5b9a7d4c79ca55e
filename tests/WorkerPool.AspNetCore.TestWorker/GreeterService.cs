using Grpc.Core;

namespace WorkerPool.AspNetCore.TestWorker;

/// <summary>gRPC: a call with one answer, and one with many.</summary>
internal sealed class GreeterService(IWorkerFeature worker) : Greeter.GreeterBase
{
    public override Task<WhoReply> Who(WhoRequest request, ServerCallContext context) =>
        Task.FromResult(new WhoReply { Label = worker.Label });

    public override async Task Count(CountRequest request, IServerStreamWriter<CountReply> responseStream, ServerCallContext context)
    {
        for (int number = 1; number <= request.Replies; number++)
        {
            await responseStream.WriteAsync(new CountReply { Number = number, Label = worker.Label }, context.CancellationToken);
            await Task.Delay(request.Milliseconds, context.CancellationToken);
        }
    }
}
