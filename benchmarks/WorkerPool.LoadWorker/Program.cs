using WorkerPool.Benchmarks.Load;

return args is [LoadWorker.Role, .. string[] numbers] ? await LoadWorker.RunAsync(numbers) : 64;
