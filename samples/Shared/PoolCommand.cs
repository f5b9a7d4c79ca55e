using System.CommandLine;
using WorkerPool;

namespace Samples;

/// <summary>The options for <see cref="PoolSettings"/>.</summary>
internal sealed class PoolCommand
{
    private const int MaxSeconds = 86_400;

    private readonly Option<int> _workers = CommandLine.Number(
        "--workers", "N", "How many workers there are.", Environment.ProcessorCount, 1, PoolOptions.MaxWorkerCount);

    private readonly Option<string?> _label = new("--label")
    {
        Description = "The label of the release that the workers run, such as its version.",
        HelpName = "TEXT",
    };

    private readonly Option<string> _order = new("--order")
    {
        Description = "Which worker of a slot goes first when SIGHUP to the master rolls a release out; auto: as the memory allows.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int> _bake = CommandLine.Number(
        "--bake", "SECONDS", "How long a new worker must serve without dying before the rollout goes on.", 1, 0, MaxSeconds);

    private readonly Option<int> _drain = CommandLine.Number(
        "--drain-seconds", "N", "The time that a draining worker has to finish its connections.", 30, 0, MaxSeconds);

    private readonly Option<string?> _control = new("--control")
    {
        Description = "Where the master makes its control socket, for the workerpool tool.",
        HelpName = "PATH",
    };

    public PoolCommand() => _order.AcceptOnlyFromAmong("stop-first", "start-first", "auto");

    public void AddTo(Command command)
    {
        Option[] options = [_workers, _label, _order, _bake, _drain, _control];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    public PoolSettings Read(ParseResult parsed) => new()
    {
        Workers = parsed.GetValue(_workers),
        Label = parsed.GetValue(_label),
        Order = parsed.GetValue(_order) switch
        {
            "stop-first" => ReplaceOrder.StopFirst,
            "start-first" => ReplaceOrder.StartFirst,
            _ => null,
        },
        Bake = TimeSpan.FromSeconds(parsed.GetValue(_bake)),
        DrainDeadline = TimeSpan.FromSeconds(parsed.GetValue(_drain)),
        Control = parsed.GetValue(_control) is string control ? Path.GetFullPath(control) : null,
    };
}
