using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Sockets;

/// <summary>accept(2), "Errors" and "Error handling": every errno is in its class, and in no other.</summary>
public class AcceptErrorsTests
{
    private static readonly IEnumerable<int> EveryErrno = Enumerable.Range(0, 4096); // MAX_ERRNO, linux/err.h

    [Fact]
    public void The_errors_of_one_connection_mean_that_the_next_one_may_be_good() =>
        Assert.Equal(
            Sorted(ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM),
            EveryErrno.Where(AcceptErrors.IsOfConnection));

    [Fact]
    public void The_errors_of_resources_mean_that_accepting_has_to_pause() =>
        Assert.Equal(Sorted(EMFILE, ENFILE, ENOBUFS, ENOMEM), EveryErrno.Where(AcceptErrors.IsOfResources));

    [Fact]
    public void All_others_are_of_neither_so_that_a_broken_listener_is_not_asked_for_ever() =>
        Assert.All([EBADF, EINVAL, ENOTSOCK, EFAULT, EAGAIN, EINTR], error =>
            Assert.False(AcceptErrors.IsOfConnection(error) || AcceptErrors.IsOfResources(error)));

    private static IEnumerable<int> Sorted(params int[] errors) => errors.Order();
}
