using WorkerPool.Cli;

return await RootCommandLine.InvokeAsync(args);
