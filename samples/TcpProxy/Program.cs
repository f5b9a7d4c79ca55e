return await TcpProxy.ProxyProgram.RunAsync(args);
