using System.Net;
using System.Net.Sockets;
using WorkerPool.FunctionalTests.Processes;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes.Privileges;
using Xunit;

namespace WorkerPool.FunctionalTests.Privileges;

/// <summary>Pools whose master is root and whose workers are not.</summary>
[Collection("Pools")]
public sealed class WorkerPrivilegeTests
{
    [Fact]
    public async Task Workers_are_what_the_options_say()
    {
        Root.Require();
        await using TestPool pool = await StartAsync(options =>
        {
            options.SupplementaryGroups.Add("20");
            options.Umask = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
            options.NoNewPrivileges = true;
            options.Nice = 3;
            options.PinSlots = true;
            options.Limits.Add(ResourceLimit.OpenFiles, 500);
            options.Limits.Add(ResourceLimit.CoreDump, 0);
            options.Limits.Add(ResourceLimit.LockedMemory, 65536);
        });
        (await pool.Master.ReplaceAsync(1)).EnsureDone();
        int[] processors = ProcessorSet.OfThisProcess();
        foreach (SlotStatus slot in pool.Status.Slots)
        {
            int process = pool.ProcessOf(slot.Slot);
            ProcessRecord worker = ProcessRecord.Of(process);
            Assert.Equal((Root.Nobody, Root.Nobody, "20 65534"), (worker.Users, worker.GroupIds, worker.Groups));
            Assert.Equal(("0000000000000000", "0027", "1"), (worker.Capabilities, worker.Umask, worker.NoNewPrivileges));
            Assert.Equal($"{processors[slot.Slot % processors.Length]}", worker.Processors);
            Assert.Equal(("500 500", "0 0", "65536 65536"), (worker.Limit("Max open files"), worker.Limit("Max core file size"), worker.Limit("Max locked memory")));
            await Machine.UntilAsync(() => Threads.NiceOf(process).All(nice => nice == 3), "all threads have the nice value");
            string[] environment = worker.Environment.Split('\0');
            Assert.All(["HOME=/nonexistent", "USER=nobody", "LOGNAME=nobody"], variable => Assert.Contains(variable, environment));
        }
    }

    [Fact]
    public async Task Root_holds_a_privileged_port_and_nobody_serves_it()
    {
        Root.Require();
        int port = FreePrivilegedPort();
        await using TestPool pool = await StartAsync(_ => { }, pool => pool.Listen(TestPool.Endpoint, $"127.0.0.1:{port}"));
        Assert.Equal(port, ((IPEndPoint)pool.EndPoint).Port);
        Answer answer = await pool.AskAsync();
        Assert.Equal(Root.Nobody, ProcessRecord.Of(answer.Process).Users);
    }

    [Theory]
    [InlineData(ReplaceOrder.StartFirst)]
    [InlineData(ReplaceOrder.StopFirst)]
    public async Task A_rollout_loses_no_connection(ReplaceOrder order)
    {
        Root.Require();
        string before = Credentials();
        await using TestPool pool = await StartAsync(options => options.Limits.Add(ResourceLimit.OpenFiles, 1000), pool => pool.WorkerCount = 3);
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 50);
        RolloutPlan plan = new(TestPool.Release("v2", "serve")) { Bake = TimeSpan.FromMilliseconds(50), Order = order };
        (await pool.Master.RollAsync(plan)).EnsureDone();
        await load.ForAsync(clients: 50);
        await load.EndWithoutLossAsync();
        Assert.True(load.Served["v2"] > 0);
        Assert.All(pool.Status.Slots, slot => Assert.Equal(Root.Nobody, ProcessRecord.Of(pool.ProcessOf(slot.Slot)).Users));
        Assert.Equal(before, Credentials());
    }

    [Fact]
    public async Task Unix_endpoints_and_signals_work_across_users()
    {
        Root.Require();
        string path = Path.Combine(Directory.CreateTempSubdirectory("workerpool-").FullName, "socket");
        await using (TestPool pool = await StartAsync(_ => { }, pool =>
        {
            pool.Listen(TestPool.Endpoint, "unix:" + path);
            pool.Release = TestPool.Release("v1", "hang-in-drain");
            pool.StopGrace = pool.KillGrace = TimeSpan.FromMilliseconds(50);
        }))
        {
            Assert.Equal(Root.Nobody, ProcessRecord.Of((await pool.AskAsync()).Process).Users);
            Assert.False((await pool.Master.DrainAsync(0, TimeSpan.Zero)).Message.Contains("exit code 0", StringComparison.Ordinal));
        }

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public async Task A_program_that_the_user_cannot_reach_is_said_in_the_verdict()
    {
        Root.Require();
        string directory = Directory.CreateTempSubdirectory("workerpool-").FullName; // 0700
        string program = Path.Combine(directory, "app");
        File.Copy("/bin/true", program);
        CommandException error = await Assert.ThrowsAsync<CommandException>(
            async () => await (await StartAsync(_ => { }, pool => pool.Release = Release.Create(program))).DisposeAsync());
        Assert.Equal(VerdictReason.SpawnFailed, error.Verdict.Reason);
        Assert.Contains("Processes.User is \"nobody\", so that user must be able to reach and execute it", error.Message, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_unknown_name_is_refused_before_a_socket_is_opened()
    {
        using Socket taken = new(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () => await (await TestPool.StartAsync(pool =>
        {
            pool.Listen(TestPool.Endpoint, $"127.0.0.1:{port}");
            pool.Processes.User = "no-such-user";
        })).DisposeAsync());
        Assert.Equal("Processes.User", error.ParamName);
        Assert.Contains("no-such-user", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("User=daemon", "Processes.User is \"daemon\"", "CAP_SETUID")]
    [InlineData("Nice=-5", "Processes.Nice is -5", "CAP_SYS_NICE")]
    [InlineData("OpenFiles=1000000000", "Processes.Limits has OpenFiles = 1000000000", "CAP_SYS_RESOURCE")]
    [InlineData("CoreDump=0;User=daemon", "Processes.User is \"daemon\"", "as root")]
    public async Task A_master_that_may_not_says_so_and_starts_nothing(string processes, string option, string advice)
    {
        Root.Require();
        await using MasterProcess master = MasterProcess.Start(
            new MasterProcess.Setup("serve"), "env", $"TEST_WORKER_PROCESSES={processes}", "HOME=/tmp", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        Assert.NotEqual(0, await master.ExitAsync());
        Assert.Contains(master.Said, line => line.Contains(option, StringComparison.Ordinal) && line.Contains(advice, StringComparison.Ordinal));
        Assert.DoesNotContain(master.Said, line => line.StartsWith("worker ", StringComparison.Ordinal) || line.StartsWith("WorkerSpawned", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_master_without_privileges_may_name_itself_and_ask_for_less()
    {
        Root.Require();
        await using MasterProcess master = await MasterProcess.UpAsync(
            new MasterProcess.Setup("serve"),
            "env", "TEST_WORKER_PROCESSES=User=nobody;Nice=15;OpenFiles=400", "HOME=/tmp", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        ProcessRecord worker = ProcessRecord.Of(master.Workers[0]);
        Assert.Equal((Root.Nobody, "400 400"), (worker.Users, worker.Limit("Max open files")));
        Assert.Contains("HOME=/nonexistent", worker.Environment.Split('\0'));
        Assert.NotEmpty((await (await master.ConnectAsync()).AskAsync("hello")).Label);
    }

    [Fact]
    public async Task Each_worker_has_a_cgroup_of_its_own_for_as_long_as_it_lives()
    {
        using TestCgroup? parent = TestCgroup.TryCreateParent();
        Assert.SkipWhen(parent is null, "there is no cgroup v2 in which this process may make a group");
        await using (TestPool pool = await StartAsync(options => options.CgroupParent = parent!.Path, pool => pool.WorkerCount = 2))
        {
            Assert.Contains($"{Path.GetFileName(parent!.Path)}/worker-{Environment.ProcessId}-1-1\n", ProcessRecord.Of(pool.ProcessOf(1)).Cgroups, StringComparison.Ordinal);
            (await pool.Master.ReplaceAsync(1)).EnsureDone();
            Assert.Contains($"/worker-{Environment.ProcessId}-1-2\n", ProcessRecord.Of(pool.ProcessOf(1)).Cgroups, StringComparison.Ordinal);
            await Machine.UntilAsync(() => !Directory.Exists($"{parent!.Path}/worker-{Environment.ProcessId}-1-1"), "the cgroup of the old worker is gone");
        }

        await Machine.UntilAsync(() => Directory.GetDirectories(parent!.Path).Length == 0, "every cgroup is gone");
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await (await StartAsync(options =>
        {
            Assert.SkipWhen(File.ReadAllText(parent!.Path + "/cgroup.controllers").Contains("memory", StringComparison.Ordinal), "it has the memory controller");
            options.CgroupParent = parent.Path;
            options.CgroupMemoryMaxBytes = 1 << 30;
        })).DisposeAsync());
        Assert.Contains("memory controller", error.Message, StringComparison.Ordinal);
    }

    private static Task<TestPool> StartAsync(Action<WorkerProcessOptions> configure, Action<PoolOptions>? change = null) => TestPool.StartAsync(options =>
    {
        options.WorkerCount = 2;
        if (Environment.IsPrivilegedProcess)
        {
            options.Processes.User = "nobody";
        }

        configure(options.Processes);
        change?.Invoke(options);
    });

    private static string Credentials() => string.Join('\n', ProcessRecord.ThreadsOf(Environment.ProcessId)
        .Select(thread => $"{thread.Users} {thread.GroupIds} {thread.Groups} {thread.Umask} {thread.NoNewPrivileges} {thread.Processors}").Distinct());

    private static int FreePrivilegedPort()
    {
        for (int port = 1023; port > 0; port--)
        {
            try
            {
                using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // somebody has it
            }
        }

        throw new InvalidOperationException("No port below 1024 is free.");
    }
}
