using System.Diagnostics;

namespace TcpProxy;

/// <summary>Writes to standard error, but not more than one line in a period; says how many it left out. Thread-safe.</summary>
internal sealed class OccasionalLog(TimeSpan period)
{
    private readonly Lock _gate = new();
    private long _last;
    private int _leftOut;

    public void Write(string line)
    {
        lock (_gate)
        {
            if (_last != 0 && Stopwatch.GetElapsedTime(_last) < period)
            {
                _leftOut++;
                return;
            }

            Console.Error.WriteLine(_leftOut == 0 ? $"TcpProxy: {line}" : $"TcpProxy: {line} ({_leftOut} such lines were left out.)");
            _last = Stopwatch.GetTimestamp();
            _leftOut = 0;
        }
    }
}
