using System.Globalization;
using WorkerPool.Processes;

namespace WorkerPool;

/// <summary>How a process ended: by an exit code, by a signal, or unknown because somebody else collected it.</summary>
/// <param name="Code">The exit code, 0 to 255, if the process called exit(3); else <see langword="null"/>.</param>
/// <param name="Signal">The number of the signal that ended it, see signal(7); else <see langword="null"/>.</param>
public readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>The status of a process whose end was seen but whose exit code nobody can tell any more.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>Whether the process ended with exit code 0.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>The end in words: <c>exit code 1</c>, <c>SIGKILL</c> or <c>an unknown exit status</c>.</summary>
    public override string ToString() => this switch
    {
        { Code: int code } => "exit code " + code.ToString(CultureInfo.InvariantCulture),
        { Signal: int signal } => SignalNames.NameOf(signal),
        _ => "an unknown exit status",
    };
}
