using System.Text;
using CsCheck;
using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.Tests.Operation;

public sealed class RequestReaderTests
{
    [Fact]
    public void Each_verb_is_read()
    {
        (string Line, Request Request)[] lines =
        [
            ("""{"verb":"hello"}""", new HelloRequest()),
            ("""{"verb":"status"}""", new StatusRequest()),
            ("""{"verb":"events","last":5,"follow":false}""", new EventsRequest { Last = 5, Follow = false }),
            ("""{"verb":"start","slot":1}""", new StartRequest { Slot = 1 }),
            ("""{"slot":1,"deadline":2.5,"verb":"drain"}""", new DrainRequest { Slot = 1, Deadline = TimeSpan.FromSeconds(2.5) }),
            ("""{"verb":"replace","slot":1,"order":"stopFirst"}""", new ReplaceRequest { Slot = 1, Order = ReplaceOrder.StopFirst }),
            ("""{"verb":"scale","workers":7}""", new ScaleRequest { Workers = 7 }),
            ("""{"verb":"pause","version":1}""", new PauseRequest()),
            ("""{"verb":"resume"}""", new ResumeRequest()),
            ("""{"verb":"abort","rollBack":false}""", new AbortRequest { RollBack = false }),
            ("""{"verb":"weight","slot":0,"weight":0.5}""", new WeightRequest { Slot = 0, Weight = 0.5 }),
            ("""{"verb":"share","label":"v2","share":0.01}""", new ShareRequest { Label = "v2", Share = 0.01 }),
            ("""{"verb":"share","label":"v2","share":null}""", new ShareRequest { Label = "v2", Share = null }),
            ("""{"verb":"suspend-respawn"}""", new SuspendRespawnRequest()),
            ("""{"verb":"resume-respawn"}""", new ResumeRespawnRequest()),
            ("""{"verb":"stop","mode":"immediate"}""", new StopRequest { Mode = StopMode.Immediate }),
        ];
        foreach ((string line, Request request) in lines)
        {
            Assert.Equal(request with { Verb = RequestVerbs.Of(request) }, Read(line));
        }
    }

    [Fact]
    public void A_rollout_has_all_options_of_a_plan()
    {
        RollRequest request = (RollRequest)Read("""
            {"verb":"roll","abortOnDisconnect":true,"plan":{"release":{"executable":"/bin/app","arguments":["-v"],"label":"v2",
            "workingDirectory":"/srv","environment":{"A":"b","C":null}},"slots":[2,0],"count":1,"order":"auto","parallelism":2,"surge":3,
            "unavailable":4,"startDeadline":5,"drainDeadline":6,"bake":7.5,"probe":{"kind":"tcp","endpoint":"main","send":"hi\n","expect":"hi",
            "timeout":1,"attempts":2,"interval":3},"maxFailures":8,"onFailure":"pause","deadline":9,"maxLingering":10,"checkMemory":false,
            "dryRun":true,"supersede":true}}
            """.ReplaceLineEndings(" "));
        Assert.True(request.AbortOnDisconnect);
        RolloutPlan plan = PlanChanges.Apply(new RolloutPlan(Release.Create("/bin/true")), request.Plan);
        Assert.Equal([2, 0], plan.Slots);
        Assert.Equal(
            new RolloutPlan(plan.Release)
            {
                Slots = plan.Slots,
                Count = 1,
                Parallelism = 2,
                Surge = 3,
                Unavailable = 4,
                StartDeadline = TimeSpan.FromSeconds(5),
                DrainDeadline = TimeSpan.FromSeconds(6),
                Bake = TimeSpan.FromSeconds(7.5),
                Probe = plan.Probe,
                MaxFailures = 8,
                OnFailure = RolloutFailureAction.Pause,
                Deadline = TimeSpan.FromSeconds(9),
                MaxLingering = 10,
                CheckMemory = false,
                DryRun = true,
                Supersede = true,
            },
            plan);
        Assert.Equal(("connection to \"main\"", 1.0, 2, 3.0), (plan.Probe!.Name, plan.Probe.Timeout.TotalSeconds, plan.Probe.Attempts, plan.Probe.Interval.TotalSeconds));
        Assert.Equal("-v", Assert.Single(request.Plan.Release!.Arguments!));
        Assert.Null(request.Plan.Release.Environment!["C"]);
    }

    [Theory]
    [InlineData("", "not a request")]
    [InlineData("status", "not a request")]
    [InlineData("{}", "no \"verb\"")]
    [InlineData("[]", "needed is an object")]
    [InlineData("""{"verb":7}""", "no \"verb\"")]
    [InlineData("""{"verb":"reboot"}""", "no verb \"reboot\"")]
    [InlineData("""{"verb":"drain"}""", "slot")]
    [InlineData("""{"verb":"drain","slto":1}""", "'slto' is not known to 'DrainRequest'")]
    [InlineData("""{"verb":"drain","slot":1,"slot":2}""", "slot")]
    [InlineData("""{"verb":"drain","slot":"1"}""", "$.slot")]
    [InlineData("""{"verb":"drain","slot":1.5}""", "$.slot")]
    [InlineData("""{"verb":"drain","slot":99999999999}""", "$.slot")]
    [InlineData("""{"verb":"drain","slot":1,"deadline":"1"}""", "number of seconds")]
    [InlineData("""{"verb":"drain","slot":1,"deadline":1e300}""", "1E+300 seconds")]
    [InlineData("""{"verb":"replace","slot":1,"order":1}""", "$.order")]
    [InlineData("""{"verb":"replace","slot":1,"order":"sideways"}""", "$.order")]
    [InlineData("""{"verb":"start","slot":1,"release":{}}""", "executable")]
    [InlineData("""{"verb":"start","slot":1,"release":{"executable":null}}""", "executable")]
    [InlineData("""{"verb":"status","version":2}""", "version 2; this master speaks version 1")]
    [InlineData("""{"verb":"share","label":"\ud800","share":1}""", "not a request")]
    [InlineData("""{"verb":"\udc00"}""", "not a request")]
    [InlineData("""{"verb":"status"} {"verb":"stop"}""", "not a request")]
    [InlineData("""{"verb":"status",}""", "not a request")]
    [InlineData("""{"verb":"status"/*stop*/}""", "not a request")]
    public void What_is_no_request_is_refused_and_the_reason_named(string line, string reason) =>
        Assert.Contains(reason, Assert.Throws<RequestException>(() => Read(line)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_JSON_is_refused()
    {
        string deep = $$"""{"verb":"status","x":{{new string('[', 30_000)}}{{new string(']', 30_000)}}}""";
        Assert.Throws<RequestException>(() => Read(deep));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() => Assert.Contains(
        "UTF-8", Assert.Throws<RequestException>(() => RequestReader.Read(new byte[] { (byte)'"', 0xff, (byte)'"' })).Message, StringComparison.Ordinal);

    [Fact]
    public void Whatever_the_bytes_are_there_is_a_request_or_a_reason_of_one_line()
    {
        string[] samples = [.. RequestVerbs.All.Select(verb => $$"""{"verb":"{{verb}}","slot":1,"workers":2,"weight":1,"label":"a","share":null}""")];
        Gen<byte[]> mutated = Gen.Select(Gen.Int[0, samples.Length - 1], Gen.Int[0, 60], Gen.Byte, (sample, place, value) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(samples[sample]);
            bytes[place % bytes.Length] = value;
            return bytes;
        });
        Gen.OneOf(mutated, Gen.Byte.Array[0, 100]).Sample(
            bytes =>
            {
                try
                {
                    return RequestReader.Read(bytes) is not null;
                }
                catch (RequestException e)
                {
                    return !e.Message.Contains('\n', StringComparison.Ordinal);
                }
            },
            iter: 100_000);
    }

    private static Request Read(string line) => RequestReader.Read(Encoding.UTF8.GetBytes(line));
}
