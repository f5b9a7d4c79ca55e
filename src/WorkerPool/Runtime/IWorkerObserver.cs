using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>Who is told what happens to workers. Called from any thread.</summary>
internal interface IWorkerObserver
{
    void Ready(WorkerKey worker);

    void Reported(WorkerKey worker, int connections, long accepted);

    /// <param name="worker">Which.</param>
    /// <param name="isDebugged">Whether it said that a debugger is attached to it.</param>
    void Heard(WorkerKey worker, bool isDebugged);

    void ProtocolViolated(WorkerKey worker, string message);

    /// <summary>The process has ended. Nothing more is told about this worker.</summary>
    void Exited(WorkerKey worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines);
}
