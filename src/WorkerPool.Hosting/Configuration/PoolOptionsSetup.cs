using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace WorkerPool.Hosting.Configuration;

/// <summary>The configuration has the last word: what the program sets are its defaults.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed class PoolOptionsSetup(PoolConfiguration configuration) : IPostConfigureOptions<PoolOptions>
{
    public void PostConfigure(string? name, PoolOptions options)
    {
        IReadOnlyList<string> faults = configuration.Apply(options);
        if (faults.Count > 0)
        {
            throw new OptionsValidationException(name ?? Options.DefaultName, typeof(PoolOptions), faults);
        }
    }
}

/// <summary>What the values are together, and those that the program has set.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed class PoolOptionsValidation(PoolConfiguration configuration) : IValidateOptions<PoolOptions>
{
    public ValidateOptionsResult Validate(string? name, PoolOptions options)
    {
        try
        {
            Runtime.OptionsCheck.Check(options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName is string option)
        {
            return ValidateOptionsResult.Fail($"{configuration.KeyOf(option)} is {e.ActualValue}: {e.Message.Split('\n')[0]}");
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail(e.Message);
        }
    }
}
