namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Workers that are not .NET: docs/worker-protocol.md is all that they know.</summary>
internal static class ShellWorker
{
    private const string Introduce = """
        say() { printf "\\$(printf %o ${#1})\\000\\000\\000%s" "$1" >&$WORKERPOOL_CONTROL_FD; }
        say '{"type":"hello","protocolMin":1,"protocolMax":1,"library":"shell"}'
        say '{"type":"ready"}'

        """;

    /// <summary>A plain POSIX shell that reads frame by frame, and exits with 0 when it shall drain.</summary>
    /// <param name="first">Commands that it runs before anything else.</param>
    public static Release Plain(string first) => Release.Create("/bin/sh", ["-c", first + "\n" + Introduce + """
        bytes() { dd bs=1 count=$1 <&$WORKERPOOL_CONTROL_FD 2>/dev/null; }
        while length=$(bytes 4 | od -An -tu4 | tr -d ' ') && [ -n "$length" ]; do
            case $(bytes $length) in
                *'"type":"drain"'*) exit 0;;
                *'"type":"stop"'*) exit 1;;
            esac
        done
        exit 2
        """]);

    /// <summary>
    /// The least and quickest: welcome and drain are flat objects, so the second closing brace is the end of the drain. It
    /// starts no process of its own.
    /// </summary>
    public static Release Quick() => Release.Create("/bin/bash", ["--norc", "-c", Introduce + """
        read -r -d '}' <&$WORKERPOOL_CONTROL_FD
        read -r -d '}' <&$WORKERPOOL_CONTROL_FD
        """]);
}
