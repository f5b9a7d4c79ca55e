using Microsoft.Extensions.Configuration;
using WorkerPool.Hosting.Configuration;
using Xunit;

namespace WorkerPool.Tests.Hosting;

public class PoolConfigurationTests
{
    [Fact]
    public void Every_option_that_text_can_express_has_a_key()
    {
        string[] withoutText = ["Release", "PlanRollout", "LoggerFactory", "MeterFactory", "TimeProvider", "Endpoints"];
        string[] names = [.. Names(typeof(PoolOptions), "").Where(name => !withoutText.Contains(name))];
        string[] lists = ["Processes:SupplementaryGroups", "Processes:Processors"];
        string[] limits = [.. Enum.GetNames<ResourceLimit>().Select(limit => $"Processes:Limits:{limit}")];
        Assert.Equal([.. names.Concat(lists).Concat(limits).Order()], OptionKeys.All.Order());
    }

    [Fact]
    public void Workers_get_their_user_processors_and_limits_from_text()
    {
        PoolOptions options = new();
        Assert.Empty(Apply(options, new()
        {
            ["WorkerPool:Processes:User"] = "nobody",
            ["WorkerPool:Processes:SupplementaryGroups"] = "tty, 12",
            ["WorkerPool:Processes:Umask"] = "0027",
            ["WorkerPool:Processes:Processors"] = "0, 2",
            ["WorkerPool:Processes:Limits:OpenFiles"] = "4096",
            ["WorkerPool:Processes:Limits:CoreDump"] = "unlimited",
        }));
        Assert.Equal("nobody", options.Processes.User);
        Assert.Equal(["tty", "12"], options.Processes.SupplementaryGroups);
        Assert.Equal((UnixFileMode)0b000_010_111, options.Processes.Umask);
        Assert.Equal([0, 2], options.Processes.Processors);
        Assert.Equal(4096, options.Processes.Limits[ResourceLimit.OpenFiles]);
        Assert.Equal(WorkerProcessOptions.Unlimited, options.Processes.Limits[ResourceLimit.CoreDump]);
    }

    [Theory]
    [InlineData("Processes:Processors", "0-3")]
    [InlineData("Processes:Limits:OpenFiles", "-1")]
    [InlineData("Processes:Limits:Files", "1")]
    [InlineData("Processes:Umask", "rwx")]
    public void What_workers_cannot_get_is_said_with_its_key(string key, string value) =>
        Assert.Contains(key, Assert.Single(Apply(new(), new() { [$"WorkerPool:{key}"] = value })), StringComparison.Ordinal);

    [Theory]
    [InlineData("00:00:30", 30)]
    [InlineData("30s", 30)]
    [InlineData("1.5s", 1.5)]
    [InlineData("500ms", 0.5)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void Times_have_units(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), ValueText.Time(text));

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 week")]
    [InlineData("99999999999d")]
    public void A_time_without_a_unit_is_refused_with_what_is_allowed(string text) =>
        Assert.Contains("30s", Assert.Throws<FormatException>(() => ValueText.Time(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_wrong_is_said_for_each_key_with_its_value_and_what_is_allowed()
    {
        IReadOnlyList<string> faults = Apply(new(), new()
        {
            ["WorkerPool:WorkerCount"] = "many",
            ["WorkerPool:OnMasterLoss"] = "2",
            ["WorkerPool:Respawn:Base"] = "1s",
            ["WorkerPool:Nonsense"] = "1",
            ["WorkerPool:Weights:x"] = "1",
            ["WorkerPool:Shares:v2"] = "1.5",
            ["WorkerPool:Endpoints:web:Port"] = "80",
            ["WorkerPool:Endpoints:other:Backlog"] = "80",
        });
        string[] expected =
        [
            "WorkerPool:Endpoints:web:Port is \"80\": an endpoint has Address, Backlog, NoDelay and UnixMode.",
            "WorkerPool:Nonsense is not known (its value is \"1\"). There are Name, ControlPath, ControlGroup, WorkerCount,",
            "WorkerPool:OnMasterLoss is \"2\": allowed is one of Drain, Serve.",
            "WorkerPool:Respawn:Base is not known (its value is \"1s\"). There are Respawn:BaseDelay,",
            "WorkerPool:Shares:v2 is \"1.5\": share must be from 0 to 1.",
            "WorkerPool:Weights:x is \"1\": the key must be the number of a slot, from 0.",
            "WorkerPool:WorkerCount is \"many\": a whole number is allowed.",
            "WorkerPool:Endpoints:other:Backlog is of an endpoint that has no address: set Endpoints:other:Address.",
        ];
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected.Zip(faults), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void An_endpoint_takes_the_place_of_the_programs_own_and_keeps_what_is_not_given()
    {
        PoolOptions options = new();
        options.Listen("web", "127.0.0.1:1").Backlog = 77;
        options.Listen("admin", "127.0.0.1:2");
        Assert.Empty(Apply(options, new()
        {
            ["WorkerPool:Endpoints:WEB:Address"] = "127.0.0.1:3",
            ["WorkerPool:Endpoints:web:NoDelay"] = "false",
            ["WorkerPool:Endpoints:sock:Address"] = "unix:@x",
            ["WorkerPool:Endpoints:sock:UnixMode"] = "0600",
        }));
        Assert.Equal(["web", "admin", "sock"], options.Endpoints.Select(endpoint => endpoint.Name));
        Assert.Equal(("127.0.0.1:3", 77, false), (options.Endpoints[0].Address, options.Endpoints[0].Backlog, options.Endpoints[0].NoDelay));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, options.Endpoints[2].UnixMode);
    }

    [Fact]
    public void The_commands_of_a_change_come_in_an_order_that_is_possible()
    {
        LiveSettings before = Live(2, ("Weights:1", "0"), ("Shares:v1", "0.9"), ("Shares:old", "0.1"));
        LiveSettings after = Live(4, ("Weights:3", "2"), ("Shares:v1", "0.2"), ("Shares:v2", "0.8"));
        Assert.Equal(
            [
                new LiveChange.Scale(4), new LiveChange.Weigh(1, 1), new LiveChange.Weigh(3, 2),
                new LiveChange.Share("old", null), new LiveChange.Share("v1", 0.2), new LiveChange.Share("v2", 0.8),
            ],
            before.To(after));
        Assert.Empty(after.To(after));
    }

    private static LiveSettings Live(int workerCount, params (string Key, string Value)[] values) =>
        LiveSettings.From(workerCount, values.ToDictionary(pair => pair.Key, pair => pair.Value));

    private static IReadOnlyList<string> Apply(PoolOptions options, Dictionary<string, string?> values) =>
        new PoolConfiguration(new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("WorkerPool")).Apply(options);

    private static IEnumerable<string> Names(Type type, string prefix) => type.GetProperties()
        .Where(property => property.SetMethod?.IsPublic == true || property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal))
        .SelectMany(property => property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
            ? Names(property.PropertyType, property.Name + ":")
            : [prefix + property.Name]);
}
