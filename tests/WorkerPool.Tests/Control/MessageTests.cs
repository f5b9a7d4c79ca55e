using WorkerPool.Control;
using Xunit;

namespace WorkerPool.Tests.Control;

public class MessageTests
{
    [Theory]
    [InlineData("""{"type":"report","connections":1,"accepted":2}""")]
    [InlineData("""{"connections":1,"type":"report","accepted":2}""")]
    [InlineData("""{"accepted":2,"connections":1,"type":"report"}""")]
    [InlineData("""{"accepted":2,"connections":1,"\u0074ype":"report"}""")]
    [InlineData("""{"new":{"type":"stop"},"accepted":2,"connections":1,"type":"report","more":[{"type":1}]}""")]
    [InlineData("""{"$id":"1","$type":"x","accepted":2,"connections":1,"type":"report"}""")]
    public async Task The_type_is_read_wherever_it_stands_and_unknown_properties_are_skipped(string json) =>
        Assert.Equal(new Report(1, 2), Assert.Single(await Frames.ReadAsync(Frames.OfJson(json))));

    [Fact]
    public async Task A_message_of_an_unknown_type_is_skipped()
    {
        byte[] bytes = [.. Frames.OfJson("""{"type":"quux","anything":[1,2]}"""), .. Frames.Of(new Ready())];

        Assert.IsType<Ready>(Assert.Single(await Frames.ReadAsync(bytes)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(""","hold":false""", false)]
    [InlineData(""","hold":true""", true)]
    public async Task A_welcome_may_say_hold(string property, bool expected)
    {
        string json = """{"type":"welcome","protocol":1,"label":"v1","drainDeadlineSeconds":1,"onMasterLoss":"drain","endpoints":[]""";

        Welcome welcome = Assert.IsType<Welcome>(Assert.Single(await Frames.ReadAsync(Frames.OfJson(json + property + "}"))));

        Assert.Equal(expected, welcome.Hold);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(""","handOver":false""", false)]
    [InlineData(""","handOver":true""", true)]
    public async Task A_drain_may_say_that_idle_connections_can_be_handed_over(string property, bool expected)
    {
        string json = """{"type":"drain","deadlineSeconds":1,"takeQueue":false""";

        Drain drain = Assert.IsType<Drain>(Assert.Single(await Frames.ReadAsync(Frames.OfJson(json + property + "}"))));

        Assert.Equal(expected, drain.HandOver);
    }

    [Fact]
    public async Task A_worker_may_say_what_it_takes_over()
    {
        TakenOver[] taken = [new("http", "http/1.1"), new("admin", "http/1.1")];

        Assert.Equal(taken, Assert.IsType<Ready>(Assert.Single(await Frames.ReadAsync(Frames.Of(new Ready(taken))))).TakesOver);
        Assert.Equal("""{"type":"ready"}"""u8.Length, Frames.Of(new Ready()).Length - 4); // nothing to say, nothing said
    }

    [Theory]
    [InlineData("[]", "kind StartArray")]
    [InlineData("1", "kind Number")]
    [InlineData("{}", "no property \"type\"")]
    [InlineData("""{"type":null}""", "kind Null")]
    [InlineData("""{"type":7}""", "kind Number")]
    [InlineData("""{"type":"\ud800"}""", "not valid UTF-8")]
    [InlineData("""{"type":"ready","type":"stop"}""", "more than one")]
    [InlineData("""{"type":"ready"} {}""", "at byte 17 of line 0")]
    [InlineData("""{"type":"ready",}""", "at byte 16 of line 0")]
    [InlineData("""{"type":"unknown","broken":}""", "at byte 27 of line 0")]
    [InlineData("""{"type":"report","accepted":2}""", "connections")]
    [InlineData("""{"type":"report","connections":"1","accepted":2}""", "$.connections")]
    [InlineData("""{"type":"ready","takesOver":null}""", "takesOver")]
    [InlineData("""{"type":"ready","takesOver":[null]}""", "takesOver")]
    [InlineData("""{"type":"ready","takesOver":[{"endpoint":"http"}]}""", "protocol")]
    [InlineData("""{"type":"ready","takesOver":[{"endpoint":"http","protocol":null}]}""", "protocol")]
    [InlineData("""{"type":"report","connections":1,"connections":1,"accepted":2}""", "connections")]
    [InlineData("""{"type":"report","connections":3000000000,"accepted":2}""", "$.connections")]
    [InlineData("""{"type":"report","connections":-1,"accepted":2}""", "connections -1")]
    [InlineData("""{"type":"hello","protocolMin":2,"protocolMax":1,"library":""}""", "protocolMin 2")]
    [InlineData("""{"type":"hello","protocolMin":1,"protocolMax":1,"library":null}""", "library")]
    [InlineData("""{"type":"welcome","protocol":1,"label":"","drainDeadlineSeconds":1,"onMasterLoss":"drain","endpoints":[],"hold":null}""", "$.hold")]
    [InlineData("""{"type":"welcome","protocol":1,"label":"","drainDeadlineSeconds":1,"onMasterLoss":"drain","endpoints":[],"hold":1}""", "$.hold")]
    [InlineData("""{"type":"welcome","protocol":1,"label":"","drainDeadlineSeconds":1,"onMasterLoss":"drain","endpoints":[],"heartbeatSeconds":-1}""", "heartbeatSeconds of -1")]
    [InlineData("""{"type":"heartbeat","debugged":"no"}""", "$.debugged")]
    [InlineData("""{"type":"drain","deadlineSeconds":-1,"takeQueue":false}""", "deadlineSeconds of -1")]
    [InlineData("""{"type":"drain","deadlineSeconds":1e999,"takeQueue":false}""", "deadlineSeconds")]
    public async Task A_malformed_message_is_a_violation_that_says_where(string json, string expected) =>
        Assert.Contains(expected, await Frames.ViolationOfAsync(Frames.OfJson(json)), StringComparison.Ordinal);

    [Fact]
    public async Task Deep_JSON_is_a_violation_and_costs_no_stack()
    {
        string deep = $$"""{"type":"unknown","deep":{{new string('[', 30_000)}}{{new string(']', 30_000)}}}""";

        Assert.Contains("depth", await Frames.ViolationOfAsync(Frames.OfJson(deep)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x7D })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x7B, 0x7D })]
    public async Task Garbage_is_a_violation(byte[] payload) =>
        Assert.Contains("not JSON", await Frames.ViolationOfAsync(Frames.OfPayload(payload)), StringComparison.Ordinal);

    [Fact]
    public void A_message_that_the_peer_would_refuse_is_not_sent() =>
        Assert.Throws<ArgumentException>(() => Frames.Of(new Drain(double.NaN, TakeQueue: false)));

    [Fact]
    public void An_unexpected_message_is_named() =>
        Assert.Equal(
            "The message \"ready\" is unexpected here; expected was \"hello\".",
            ProtocolViolationException.Unexpected(new Ready(), "\"hello\"").Message);
}
