using WorkerPool;
using WorkerPool.TestWorker;

// The functional tests run this program in both roles. As a worker it behaves as its arguments say; started by a test
// itself it is the master of a pool of such workers.
if (Worker.IsWorker || args is not ["master", ..])
{
    return await Behaviour.RunAsync(args);
}

return await TestMaster.RunAsync([.. args.Skip(1)]);
