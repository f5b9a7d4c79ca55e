using WorkerPool.AspNetCore.Connections;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

public class RequestBoundaryTests
{
    private readonly RequestBoundary _boundary = new();

    [Fact]
    public void Before_the_first_request_it_is_at_the_beginning()
    {
        Assert.True(_boundary.IsAt(0));
        Assert.False(_boundary.IsAt(1));
    }

    [Fact]
    public void A_request_without_a_body_ends_with_its_head()
    {
        _boundary.Begin(100, canHaveBody: false, bodyLength: null);
        Assert.True(_boundary.IsAt(100));
        Assert.False(_boundary.IsAt(102)); // something of the next one
    }

    [Fact]
    public void A_body_with_a_length_must_have_come_whole_whatever_the_app_read_of_it()
    {
        _boundary.Begin(100, canHaveBody: true, bodyLength: 50);
        Assert.False(_boundary.IsAt(100));
        _boundary.EndBody(100); // of bodies with a length this says nothing
        Assert.False(_boundary.IsAt(100));
        Assert.True(_boundary.IsAt(150));
    }

    [Fact]
    public void Where_a_body_without_a_length_ends_is_known_when_it_was_read()
    {
        _boundary.Begin(100, canHaveBody: true, bodyLength: null);
        Assert.False(_boundary.IsAt(100));
        Assert.False(_boundary.IsAt(160));
        _boundary.EndBody(160);
        Assert.True(_boundary.IsAt(160));
    }

    [Fact]
    public void After_an_upgrade_there_are_no_requests_any_more()
    {
        _boundary.Begin(100, canHaveBody: false, bodyLength: null);
        _boundary.Upgrade();
        Assert.False(_boundary.IsAt(100));
    }
}
