namespace WorkerPool;

/// <summary>How a new worker must prove itself.</summary>
public abstract class HealthProbe
{
}
