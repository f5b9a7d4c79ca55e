using System.Text;
using CsCheck;
using WorkerPool.Control;
using Xunit;

namespace WorkerPool.Tests.Control;

public class FramingTests
{
    private static readonly ControlMessage[] All =
    [
        new Hello(1, 3, "tests ✓"),
        new Welcome(1, "v\"1\"", 30.5, Welcome.Serve, ["http", "proxy"]),
        new Welcome(1, "v2", 0, Welcome.Drain, ["http"], Hold: true),
        new Welcome(1, "v2", 0, Welcome.Drain, ["http"], HeartbeatSeconds: 0.25),
        new Accept(),
        new Heartbeat(),
        new Heartbeat(Debugged: true),
        new Ready(),
        new Report(3, 12_345_678_901),
        new Refuse("no version in common"),
        new Drain(0, TakeQueue: true),
        new Stop(),
    ];

    [Fact]
    public async Task Every_message_survives_the_wire()
    {
        List<ControlMessage> messages = await Frames.ReadAsync(Frames.Of(All));

        Assert.Equal(All.Select(message => message.GetType()), messages.Select(message => message.GetType()));
        Assert.Equal(Frames.Describe(All), Frames.Describe(messages));
    }

    [Fact]
    public async Task A_split_at_any_byte_changes_nothing()
    {
        byte[] bytes = Frames.Of(All);
        for (int at = 1; at < bytes.Length; at++)
        {
            Assert.Equal(Frames.Describe(All), Frames.Describe(await Frames.ReadAsync(bytes[..at], bytes[at..])));
        }
    }

    [Fact]
    public async Task Single_bytes_make_the_same_messages()
    {
        byte[][] bytes = [.. Frames.Of(All).Select(one => new[] { one })];

        Assert.Equal(Frames.Describe(All), Frames.Describe(await Frames.ReadAsync(bytes)));
    }

    [Fact]
    public void Random_messages_in_random_pieces_come_out_as_they_went_in()
    {
        Gen<ControlMessage> message = Gen.OneOf<ControlMessage>(
            Gen.Select(Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue], (live, all) => (ControlMessage)new Report(live, all)),
            Gen.String[0, 2_000].Where(Valid).Select(text => (ControlMessage)new Refuse(text)),
            Gen.Select(Gen.Double[0, 1_000_000], Gen.Bool, (seconds, take) => (ControlMessage)new Drain(seconds, take)));

        Gen.Select(message.Array[1, 20], Gen.Int[1, 3_000].Array[1, 30]).Sample((messages, sizes) =>
        {
            byte[][] pieces = Cut(Frames.Of(messages), sizes);
            return Frames.Describe(messages) == Frames.Describe(Frames.ReadAsync(pieces).GetAwaiter().GetResult());
        }, iter: 500);
    }

    [Fact]
    public void Random_bytes_give_messages_or_a_violation_and_nothing_else() =>
        Gen.Select(Gen.Int[0, 40], Gen.Byte.Array[0, 60]).Sample((length, bytes) =>
        {
            try
            {
                Frames.ReadAsync([.. Frames.Header(length), .. bytes]).GetAwaiter().GetResult();
            }
            catch (ProtocolViolationException)
            {
            }
        }, iter: 5_000);

    [Fact]
    public async Task The_largest_frame_passes()
    {
        string text = new('x', ControlFrame.MaxPayload - """{"type":"refuse","reason":""}""".Length);

        ControlMessage message = Assert.Single(await Frames.ReadAsync(Frames.Of(new Refuse(text))));

        Assert.Equal(text, ((Refuse)message).Reason);
        Assert.Throws<ArgumentException>(() => Frames.Of(new Refuse(text + "x")));
    }

    [Theory]
    [InlineData(0, "0 (0x00000000)")]
    [InlineData(-1, "4294967295 (0xFFFFFFFF)")]
    [InlineData(int.MinValue, "2147483648 (0x80000000)")]
    [InlineData(65_537, "65537 (0x00010001)")]
    public async Task A_length_out_of_range_is_a_violation_that_names_it_before_anything_is_read(int length, string named) =>
        Assert.Contains(named, await Frames.ViolationOfAsync(Frames.Header(length)), StringComparison.Ordinal);

    [Fact]
    public async Task An_end_within_a_frame_is_a_violation_at_every_byte()
    {
        byte[] frame = Frames.Of(new Report(1, 2));
        for (int length = 1; length < frame.Length; length++)
        {
            Assert.Contains($"after {length} of its bytes", await Frames.ViolationOfAsync(frame[..length]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Reading_goes_on_where_it_was_given_up()
    {
        System.IO.Pipelines.PipeReader input = System.IO.Pipelines.PipeReader.Create(new MemoryStream(Frames.Of(All)));
        List<ControlMessage> messages = [];
        for (int i = 0; i < All.Length; i++)
        {
            await foreach (ControlMessage message in ControlMessageReader.ReadAllAsync(input))
            {
                messages.Add(message);
                break;
            }
        }

        Assert.Equal(Frames.Describe(All), Frames.Describe(messages));
    }

    private static bool Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static byte[][] Cut(byte[] bytes, int[] sizes)
    {
        List<byte[]> pieces = [];
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            int end = Math.Min(bytes.Length, at + sizes[i % sizes.Length]);
            pieces.Add(bytes[at..end]);
            at = end;
        }

        return [.. pieces];
    }
}
