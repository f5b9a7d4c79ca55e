using WorkerPool.Control;

namespace WorkerPool.Runtime;

/// <summary>What a worker may say when: <c>hello</c> once and first, <c>ready</c> once, <c>report</c> and <c>heartbeat</c> at any time, not too often.</summary>
internal sealed class Conversation(TimeProvider time)
{
    /// <summary>Far above the ten that the library's own workers send while they drain, so that a stalled master is no reason.</summary>
    private const int MessagesPerSecond = 1000;

    private long _secondStart = time.GetTimestamp();
    private int _inThisSecond;
    private bool _saidHello;
    private bool _saidReady;

    /// <summary>Gives back a message that may be said now.</summary>
    /// <exception cref="ProtocolViolationException">It may not.</exception>
    public ControlMessage Check(ControlMessage message)
    {
        CheckRate();
        switch (message)
        {
            case Hello when !_saidHello:
                _saidHello = true;
                break;
            case Ready when _saidHello && !_saidReady:
                _saidReady = true;
                break;
            case Report or Heartbeat when _saidHello:
                break;
            default:
                throw new ProtocolViolationException(Unexpected(message));
        }

        return message;
    }

    private string Unexpected(ControlMessage message) =>
        $"it said {message.GetType().Name} {(_saidReady ? "after Ready" : _saidHello ? "after Hello" : "before Hello")}.";

    private void CheckRate()
    {
        if (time.GetElapsedTime(_secondStart) >= TimeSpan.FromSeconds(1))
        {
            _secondStart = time.GetTimestamp();
            _inThisSecond = 0;
        }

        if (++_inThisSecond > MessagesPerSecond)
        {
            throw new ProtocolViolationException($"it sent more than {MessagesPerSecond} messages in a second.");
        }
    }
}
