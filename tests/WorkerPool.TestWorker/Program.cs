using System.Globalization;
using WorkerPool;
using WorkerPool.TestWorker;

// The functional tests run this program in both roles. As a worker it behaves as its arguments say; started by a test
// itself it is the master of a pool of such workers.
// The arguments come first: to ask whether this is a worker takes the descriptors from the environment, where workers
// that do without the library look for them.
if (args is ["hosted", string configuration])
{
    return await HostedProgram.RunAsync(configuration);
}

if (args is ["measure-idle", string count])
{
    return await IdleConnections.MeasureAsync(int.Parse(count, CultureInfo.InvariantCulture));
}

if (args is not ["master" or "signal-master", ..] || Worker.IsWorker)
{
    return await Behaviour.RunAsync(args);
}

return await TestMaster.RunAsync([.. args.Skip(1)], ownSignals: args[0] == "master");
