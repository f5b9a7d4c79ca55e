using WorkerPool.Control;
using WorkerPool.Runtime;
using Xunit;

namespace WorkerPool.Tests;

public class ConversationTests
{
    private static readonly Hello Greeting = new(1, 1, "test");

    private readonly Conversation _conversation = new(TimeProvider.System);

    [Fact]
    public void Hello_then_ready_then_reports_is_how_it_goes()
    {
        _conversation.Check(Greeting);
        _conversation.Check(new Ready());
        _conversation.Check(new Report(1, 1));
        _conversation.Check(new Heartbeat());
    }

    [Fact]
    public void A_heartbeat_before_hello_is_a_violation() => Violates(new Heartbeat());

    [Fact]
    public void Ready_before_hello_is_a_violation() => Violates(new Ready());

    [Fact]
    public void A_report_before_hello_is_a_violation() => Violates(new Report(0, 0));

    [Fact]
    public void A_second_hello_is_a_violation()
    {
        _conversation.Check(Greeting);
        Violates(Greeting);
    }

    [Fact]
    public void A_second_ready_is_a_violation()
    {
        _conversation.Check(Greeting);
        _conversation.Check(new Ready());
        Violates(new Ready());
    }

    [Fact]
    public void What_only_a_master_says_is_a_violation()
    {
        _conversation.Check(Greeting);
        Violates(new Drain(1, false));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 9, 1)]
    [InlineData(2, 9, null)]
    public void The_newest_version_that_both_speak_is_chosen(int min, int max, int? expected) =>
        Assert.Equal(expected, ControlProtocol.Common(new Hello(min, max, "test")));

    private void Violates(ControlMessage message) =>
        Assert.Throws<ProtocolViolationException>(() => _conversation.Check(message));
}
