using System.Runtime.InteropServices;
using WorkerPool.Interop;

namespace WorkerPool;

/// <summary>A system call failed. The message names the call, the error's symbol and its meaning.</summary>
public sealed class SystemCallException : IOException
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="call">The call with the arguments that matter, such as <c>bind(0.0.0.0:80)</c>.</param>
    /// <param name="errorNumber">The value of <c>errno</c>, see errno(3).</param>
    /// <param name="advice">What the user can do about it, as a sentence; or <see langword="null"/>.</param>
    public SystemCallException(string call, int errorNumber, string? advice = null)
        : base(Describe(call, errorNumber, advice))
    {
        Call = call;
        ErrorNumber = errorNumber;
    }

    /// <summary>The call that failed, with the arguments that matter.</summary>
    public string Call { get; }

    /// <summary>The value of <c>errno</c> after the call, see errno(3).</summary>
    public int ErrorNumber { get; }

    /// <summary>The symbol of <see cref="ErrorNumber"/>, such as <c>EADDRINUSE</c>.</summary>
    public string ErrorName => Errno.Name(ErrorNumber);

    private static string Describe(string call, int errorNumber, string? advice)
    {
        string text = $"{call} failed: {Errno.Name(errorNumber)} ({Marshal.GetPInvokeErrorMessage(errorNumber)}).";
        return advice is null ? text : $"{text} {advice}";
    }
}
