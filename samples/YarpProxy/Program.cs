return await YarpProxy.ProxyProgram.RunAsync(args);
