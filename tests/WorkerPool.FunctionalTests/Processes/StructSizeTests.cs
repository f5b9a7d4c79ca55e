using WorkerPool.Interop;
using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>The sizes and offsets were measured with a C compiler against glibc 2.36 on x86-64.</summary>
public sealed unsafe class StructSizeTests
{
    // <spawn.h>; ours may be larger, because only libc looks inside.
    [Fact]
    public void Spawn_structs_hold_those_of_glibc()
    {
        Assert.True(sizeof(Libc.posix_spawnattr_t) >= 336);
        Assert.True(sizeof(Libc.posix_spawn_file_actions_t) >= 80);
    }

    // <signal.h>
    [Fact]
    public void Signal_structs_are_those_of_glibc()
    {
        Assert.Equal(128, sizeof(Libc.sigset_t));
        Assert.Equal(152, sizeof(Tmds.Linux.sigaction));
        Tmds.Linux.sigaction action = default;
        action.sa_handler = (void*)0x1234;
        action.sa_flags = 0x5678;
        Assert.Equal(0x1234, *(long*)&action);
        Assert.Equal(0x5678, *(int*)((byte*)&action + 136));
    }

    // <signal.h>, as waitid(2) fills it
    [Fact]
    public void Siginfo_is_that_of_glibc()
    {
        Libc.siginfo_t info;
        Assert.Equal(128, sizeof(Libc.siginfo_t));
        Assert.Equal(0, Offset(&info, &info.si_signo));
        Assert.Equal(8, Offset(&info, &info.si_code));
        Assert.Equal(16, Offset(&info, &info.si_pid));
        Assert.Equal(24, Offset(&info, &info.si_status));
    }

    // <linux/pidfd.h> of Linux 6.15: two of 8 bytes, then twelve of 4; the size is part of the ioctl's number.
    [Fact]
    public void Pidfd_info_is_that_of_the_kernel()
    {
        Libc.pidfd_info info;
        Assert.Equal(64, sizeof(Libc.pidfd_info));
        Assert.Equal(60, Offset(&info, &info.exit_code));
        Assert.Equal(64u, (Libc.PIDFD_GET_INFO >> 16) & 0x3FFF);
    }

    // <pwd.h>, <grp.h>
    [Fact]
    public void Entries_of_users_and_groups_are_those_of_glibc()
    {
        Libc.struct_passwd user;
        Libc.struct_group group;
        Assert.Equal((48, 32), (sizeof(Libc.struct_passwd), sizeof(Libc.struct_group)));
        Assert.Equal([0, 16, 20, 32, 40], [Offset(&user, &user.pw_name), Offset(&user, &user.pw_uid), Offset(&user, &user.pw_gid), Offset(&user, &user.pw_dir), Offset(&user, &user.pw_shell)]);
        Assert.Equal([0, 16], [Offset(&group, &group.gr_name), Offset(&group, &group.gr_gid)]);
    }

    // <sys/resource.h>
    [Fact]
    public void A_limit_is_that_of_glibc()
    {
        Libc.struct_rlimit limit;
        Assert.Equal((16, 8), (sizeof(Libc.struct_rlimit), Offset(&limit, &limit.rlim_max)));
    }

    private static int Offset(void* start, void* field) => (int)((byte*)field - (byte*)start);
}
