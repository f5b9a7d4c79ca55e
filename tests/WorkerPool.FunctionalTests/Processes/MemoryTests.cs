using System.Globalization;
using System.Runtime.InteropServices;
using WorkerPool.Processes;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.FunctionalTests.Processes;

/// <summary>The real machine's own figures. They move while tests run, so these tests run alone and leave room.</summary>
[Collection(SerialTests.Name)]
public sealed class MemoryTests
{
    private const int HundredMebibytes = 100 << 20;
    private const int Tolerance = 20 << 20;

    [Fact]
    public void What_a_process_touches_is_in_its_proportional_set_size()
    {
        MemoryAmount before = ProcessMemory.Read(Environment.ProcessId);
        Assert.Equal("proportional set size", before.Source);
        unsafe
        {
            byte* block = (byte*)NativeMemory.Alloc(HundredMebibytes);
            new Span<byte>(block, HundredMebibytes).Fill(1);
            long grown = ProcessMemory.Read(Environment.ProcessId).Bytes!.Value - before.Bytes!.Value;
            NativeMemory.Free(block);
            Assert.InRange(grown, HundredMebibytes - Tolerance, HundredMebibytes + Tolerance);
        }
    }

    [Fact]
    public async Task A_process_that_has_ended_is_not_known_and_no_exception()
    {
        await using Child child = Child.Shell("exit 0");
        await child.EndAsync();
        Assert.Equal(new MemoryAmount(null, "the process has ended"), ProcessMemory.Read(child.Process.Id));
        Assert.Null(ProcessMemory.ReadProportional(child.Process.Id));
    }

    [Fact]
    public async Task Without_the_right_to_look_what_is_resident_and_not_shared_is_counted()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start a process of another user");
        await using Child other = Child.Start(Release.Create("setpriv", ["--reuid", "65534", "sleep", "1000"]));
        await Support.Machine.UntilAsync(() => File.ReadAllText($"/proc/{other.Process.Id}/comm") == "sleep\n", "sleep runs as another user");
        await using Child onlooker = Child.Start(Release
            .Create("setpriv", ["--bounding-set", "-sys_ptrace,-perfmon,-sys_admin", .. Program, other.Process.Id.ToString(CultureInfo.InvariantCulture)])
            .WithEnvironment(MemoryMode.Variable, MemoryMode.Measure));
        Assert.Equal(0, (await onlooker.EndAsync()).Code);

        Assert.Matches("^[0-9]+ resident and not shared, because smaps_rollup may not be read\nproportional , clock True\n$", onlooker.Output);
        Assert.InRange(long.Parse(onlooker.Output.Split(' ')[0], CultureInfo.InvariantCulture), 1, ProcessMemory.Read(other.Process.Id).Bytes!.Value);
    }

    [Fact]
    public void The_machine_has_no_more_than_the_kernel_says()
    {
        MemoryAmount amount = MachineMemory.Read();
        long total = KernelText.Bytes(File.ReadAllText("/proc/meminfo"), "MemTotal")!.Value;
        Assert.InRange(amount.Bytes!.Value, 1, total);
    }

    [Fact]
    public async Task A_reading_has_every_process_that_was_asked_for_in_order()
    {
        await using Child one = Child.Start(Release.Create("sleep", ["1000"]));
        await using Child ended = Child.Shell("exit 0");
        await ended.EndAsync();
        int[] processes = [one.Process.Id, ended.Process.Id, Environment.ProcessId];

        MemoryReading reading = await MemoryMeter.ReadAsync(processes, TestContext.Current.CancellationToken);

        Assert.Equal(processes, reading.Workers.Select(worker => worker.ProcessId));
        Assert.Equal([true, false, true], reading.Workers.Select(worker => worker.Amount.Bytes > 0));
        Assert.NotNull(reading.Available.Bytes);
    }

    [Fact]
    public async Task A_reading_can_be_given_up() => await Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => MemoryMeter.ReadAsync([Environment.ProcessId], new CancellationToken(canceled: true)));

    [Fact]
    public async Task The_limit_of_a_real_cgroup_counts()
    {
        IReadOnlyList<string> levels = CgroupPath.Directories(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText("/proc/self/mountinfo"));
        using TestCgroup? cgroup = TestCgroup.TryCreate(levels, limit: 2L * HundredMebibytes);
        Assert.SkipWhen(cgroup is null, "there is no cgroup v2 with the memory controller that this process may use");
        await using Child child = Child.Start(Release
            .Create("/bin/sh", ["-c", "echo $$ > \"$0\"/cgroup.procs && exec \"$@\"", cgroup.Path, .. Program])
            .WithEnvironment(MemoryMode.Variable, MemoryMode.Measure));
        Assert.Equal(0, (await child.EndAsync()).Code);
        Assert.Matches("memory.max of .*" + TestCgroup.Name, child.Output);
        Assert.InRange(long.Parse(child.Output.Split(' ')[0], CultureInfo.InvariantCulture), 1, 2L * HundredMebibytes);
    }

    private static string[] Program => [Path.ChangeExtension(typeof(MemoryTests).Assembly.Location, null)];
}
