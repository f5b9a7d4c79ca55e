using ZeroDowntime;
using ZeroDowntime.Load;
using ZeroDowntime.Roles;

// One program, four roles. Only the first is for people; it starts the others.
return args switch
{
    [Role.Proxy, .. string[] arguments] => await TcpProxy.ProxyProgram.RunAsync(arguments),
    [Role.Origin] => await OriginRole.RunAsync(),
    [Role.Load, .. string[] arguments] => await LoadRole.RunAsync(arguments),
    _ => await DemoCommand.InvokeAsync(args),
};
