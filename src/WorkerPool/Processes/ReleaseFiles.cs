namespace WorkerPool.Processes;

/// <summary>The files of a release at the moment when it was resolved: no symbolic link is left in their paths.</summary>
/// <param name="Executable">The real path of the executable.</param>
/// <param name="Arguments">The arguments, the program of <c>dotnet</c> as its real path.</param>
/// <param name="WorkingDirectory">The real path of the working directory.</param>
internal sealed record ReleaseFiles(string Executable, IReadOnlyList<string> Arguments, string WorkingDirectory);
