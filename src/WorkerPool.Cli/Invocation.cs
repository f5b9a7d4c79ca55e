using System.CommandLine;
using WorkerPool.Operation;

namespace WorkerPool.Cli;

/// <summary>What a command works with: the master, and where its output goes.</summary>
internal sealed class Invocation
{
    private readonly Stream _lines = Console.OpenStandardOutput();

    private Invocation(ControlClient client, bool json)
    {
        Client = client;
        Json = json;
    }

    public ControlClient Client { get; }

    /// <summary>Whether the output is for programs: the lines of docs/control-protocol.md.</summary>
    public bool Json { get; }

    /// <summary>Connects, does it, and says what went wrong.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<Invocation, CancellationToken, Task<int>> act, CancellationToken cancellationToken)
    {
        try
        {
            string path = ControlPath.Find(parsed.GetValue(GlobalOptions.Control), Environment.GetEnvironmentVariable, ControlPath.SocketsIn);
            ControlClient client = await ControlClient.ConnectAsync(path, cancellationToken);
            return await act(new Invocation(client, parsed.GetValue(GlobalOptions.Json)), cancellationToken);
        }
        catch (ControlException e)
        {
            return Say(e.Message, ExitCode.NoMaster);
        }
        catch (CommandException e)
        {
            return Say(e.Message, ExitCode.NotDone);
        }
        catch (Exception e) when (e is UsageException or ArgumentException)
        {
            return Say(e.Message, ExitCode.Usage);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    public void WriteJson(Answer answer)
    {
        _lines.Write(AnswerJson.Write(answer).Span);
        _lines.Flush();
    }

    /// <summary>Writes the verdict of a command, and gives the exit code for it.</summary>
    public int Finish(Verdict verdict)
    {
        if (Json)
        {
            WriteJson(new Answer { Verdict = verdict });
        }
        else
        {
            (verdict.IsDone ? Console.Out : Console.Error).Write(Output.VerdictText.Of(verdict));
        }

        return ExitCode.Of(verdict);
    }

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine($"workerpool: {message}");
        return code;
    }
}
