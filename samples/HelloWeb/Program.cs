return await HelloWeb.HelloProgram.RunAsync(args);
