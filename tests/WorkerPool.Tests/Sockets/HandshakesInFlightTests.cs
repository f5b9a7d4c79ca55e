using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

/// <summary>The waiting, with a kernel on paper and a clock that runs only while somebody waits.</summary>
public sealed class HandshakesInFlightTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

    private readonly Clock _clock = new();
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task Nothing_in_flight_is_one_look_and_no_wait()
    {
        int looks = 0;

        Assert.Equal(0, await SettledAsync(_ => Set(looks++ * 0), Long));

        Assert.Equal(1, looks);
        Assert.Empty(_clock.Waits);
    }

    [Fact]
    public async Task It_looks_soon_and_then_less_often()
    {
        int looks = 0;

        Assert.Equal(0, await SettledAsync(_ => Set(++looks < 9 ? 1 : 0), Long));

        Assert.Equal([1, 2, 4, 8, 16, 20, 20, 20], _clock.Waits);
    }

    [Fact]
    public async Task The_first_look_decides_who_is_waited_for()
    {
        List<int?> asked = [];

        int left = await SettledAsync(
            among =>
            {
                asked.Add(among?.Count);
                return among is null ? Set(3) : [.. among.Skip(1)];
            },
            Long);

        Assert.Equal(0, left);
        Assert.Equal([null, 3, 2, 1], asked);
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 1 })]
    [InlineData(10, new[] { 1, 2, 4, 3 })]
    public async Task At_the_limit_it_ends_with_the_number_that_is_left(int limit, int[] waits)
    {
        Assert.Equal(2, await SettledAsync(_ => Set(2), TimeSpan.FromMilliseconds(limit)));

        Assert.Equal(waits, _clock.Waits);
    }

    [Fact]
    public async Task Where_the_kernel_does_not_tell_the_wait_is_fixed()
    {
        Assert.Equal(0, await SettledAsync(_ => throw new SystemCallException("socket()", 1), Long));

        Assert.Equal([200], _clock.Waits);
        Assert.Contains("EPERM", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_ceases_to_tell_or_tells_nonsense_what_is_left_of_the_limit_counts()
    {
        int looks = 0;

        Assert.Equal(0, await SettledAsync(
            _ => ++looks < 3 ? Set(1) : throw new InvalidDataException("nonsense"), TimeSpan.FromMilliseconds(100)));

        Assert.Equal([1, 2, 97], _clock.Waits);
        Assert.Contains("nonsense", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    private Task<int> SettledAsync(HandshakesInFlight.Reader read, TimeSpan limit) =>
        HandshakesInFlight.WhenSettledAsync(read, limit, _clock, _warnings.Add, CancellationToken.None);

    private static HashSet<Handshake> Set(int count) => [.. Enumerable.Range(0, count).Select(i => new Handshake(0, 80, 0, (ushort)i))];

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public List<int> Waits { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add((int)dueTime.TotalMilliseconds);
            _now += dueTime.Ticks;
            return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
