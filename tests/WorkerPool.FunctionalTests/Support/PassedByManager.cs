using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// The sockets that a service manager passes, with their names, in the way of sd_listen_fds(3): from descriptor 3 on, with
/// variables that name the process. Here a shell does it, which then becomes the program.
/// </summary>
/// <param name="Sockets">They stay the test's, as they stay systemd's.</param>
internal sealed record PassedByManager(params (string Name, Descriptor Socket)[] Sockets)
{
    // Above the descriptors that the shell moves them to.
    private const int FirstInherited = 300;

    /// <summary>As LISTEN_PID has it; null: the process itself.</summary>
    public string? Process { get; init; }

    /// <summary>Whether LISTEN_FDNAMES is set.</summary>
    public bool HasNames { get; init; } = true;

    /// <summary>For as long as it takes to start a process, any process inherits them.</summary>
    public Inheritable Inherit() => new(this);

    internal sealed class Inheritable : IDisposable
    {
        private readonly List<Descriptor> _copies = [];

        public Inheritable(PassedByManager passed)
        {
            foreach ((_, Descriptor socket) in passed.Sockets)
            {
                _copies.Add(new Descriptor(SystemCall.Check(fcntl(socket.Number, F_DUPFD, FirstInherited), "fcntl(F_DUPFD)")));
            }

            string moves = string.Join(' ', _copies.Select((copy, index) => Text($"{3 + index}<&{copy.Number} {copy.Number}<&-")));
            string names = passed.HasNames ? $" LISTEN_FDNAMES='{string.Join(':', passed.Sockets.Select(socket => socket.Name))}'" : "";
            Wrapper =
            [
                "bash", "--norc", "-c",
                (moves.Length > 0 ? $"exec {moves}; " : "")
                    + Text($"export LISTEN_PID={passed.Process ?? "$$"} LISTEN_FDS={passed.Sockets.Length}{names}; exec \"$0\" \"$@\""),
            ];
        }

        /// <summary>The command in front of the program.</summary>
        public string[] Wrapper { get; }

        public void Dispose() => _copies.ForEach(copy => copy.Dispose());

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
