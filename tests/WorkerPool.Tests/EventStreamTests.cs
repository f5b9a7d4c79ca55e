using WorkerPool.Runtime;
using Xunit;

namespace WorkerPool.Tests;

public sealed class EventStreamTests
{
    private readonly EventStream _stream = new();

    [Fact]
    public void A_reader_that_is_too_slow_hears_how_many_it_lost()
    {
        using EventReader reader = _stream.Open();
        Publish(EventStream.Capacity + 7);
        Assert.True(reader.TryRead(out PoolEvent? first, out int lost));
        Assert.Equal((7, 7), (lost, first.Slot));
        Assert.True(reader.TryRead(out _, out lost));
        Assert.Equal(0, lost);
    }

    [Fact]
    public void The_last_events_are_remembered_in_order()
    {
        Publish(EventStream.Remembered + 5);
        Assert.Equal([EventStream.Remembered + 2, EventStream.Remembered + 3, EventStream.Remembered + 4], SlotsOf(_stream.Open(last: 3)));
        Assert.Equal(Enumerable.Range(5, EventStream.Remembered).Select(slot => (int?)slot), SlotsOf(_stream.Open(last: int.MaxValue)));
        Assert.Empty(SlotsOf(_stream.Open()));
    }

    [Fact]
    public async Task A_reader_that_comes_at_any_time_gets_each_event_once()
    {
        Task publishing = Task.Run(() => Publish(200));
        List<EventReader> readers = [];
        while (!publishing.IsCompleted && readers.Count < 1000) // the thread pool may let it wait for long
        {
            readers.Add(_stream.Open(last: 1000));
        }

        await publishing;
        readers.Add(_stream.Open(last: 1000));
        Assert.All(readers, reader => Assert.Equal(Enumerable.Range(0, 200).Select(slot => (int?)slot), SlotsOf(reader)));
    }

    [Fact]
    public async Task A_reader_that_comes_after_the_end_gets_what_was_and_the_end()
    {
        Publish(2);
        _stream.Complete();
        using EventReader reader = _stream.Open(last: 5);
        Assert.Equal([0, 1], SlotsOf(reader));
        Assert.False(await reader.WaitAsync(TestContext.Current.CancellationToken));
    }

    private void Publish(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _stream.Publish(new PoolEvent { Kind = PoolEventKind.Warning, Time = DateTimeOffset.UnixEpoch, Message = "", Slot = i });
        }
    }

    private static List<int?> SlotsOf(EventReader reader)
    {
        List<int?> slots = [];
        while (reader.TryRead(out PoolEvent? happened, out _))
        {
            slots.Add(happened.Slot);
        }

        return slots;
    }
}
