using WorkerPool;
using WorkerPool.AspNetCore.TestWorker;

// The tests' worker: a web app that is as its arguments say, see TestApp.
return await Pool.RunAsync(_ => throw new InvalidOperationException("The tests are the master."), worker => TestApp.RunAsync(worker, args));
