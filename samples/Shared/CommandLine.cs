using System.CommandLine;
using System.CommandLine.Parsing;
using WorkerPool;

namespace Samples;

/// <summary>What the command lines of the samples have in common.</summary>
internal static class CommandLine
{
    /// <summary>Runs what was parsed; says what is wrong if it is not valid.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="program">The name of the program, in front of what is said.</param>
    /// <param name="badUsage">The exit code if the command line is not valid.</param>
    public static async Task<int> InvokeAsync(ParseResult parsed, string program, int badUsage)
    {
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"{program}: {error.Message}");
            }

            await Console.Error.WriteLineAsync($"{program}: --help shows the options.");
            return badUsage;
        }

        // The pool handles the signals; exceptions that nobody expected shall end the process as they are.
        return await parsed.InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>An option whose value is a number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<int> Number(string name, string unit, string description, int standard, int min, int max)
    {
        Option<int> option = new(name)
        {
            Description = $"{description} {min} to {max}.",
            HelpName = unit,
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < min || value > max))
            {
                result.AddError($"{name} is {value}; it may be {min} to {max}.");
            }
        });
        return option;
    }

    /// <summary>An option whose values are addresses to listen on.</summary>
    /// <param name="name">Its name, with the dashes.</param>
    /// <param name="description">A sentence for the help, before what is said of all of them.</param>
    /// <param name="required">Whether there must be one.</param>
    public static Option<string[]> Endpoints(string name, string description, bool required = false)
    {
        Option<string[]> option = new(name)
        {
            Description = $"{description} An IP address with a port, *:PORT, unix:PATH, unix:@NAME or systemd:NAME. Repeatable.",
            HelpName = "HOST:PORT|unix:PATH",
            Required = required,
        };
        option.Validators.Add(CheckEndpoints);
        return option;
    }

    private static void CheckEndpoints(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            try
            {
                ListenEndpoint.Parse("check", token.Value);
            }
            catch (FormatException exception)
            {
                result.AddError(exception.Message);
            }
        }
    }
}
