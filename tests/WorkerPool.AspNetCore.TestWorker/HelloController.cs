using Microsoft.AspNetCore.Mvc;

namespace WorkerPool.AspNetCore.TestWorker;

/// <summary>MVC finds controllers that are public.</summary>
[ApiController]
public class HelloController : ControllerBase
{
    [HttpGet("/mvc/{name}")]
    public ActionResult<string> Get(string name) => $"hello {name}";
}
