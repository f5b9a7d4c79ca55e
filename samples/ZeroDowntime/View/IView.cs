namespace ZeroDowntime.View;

/// <summary>Shows the demonstration while it runs. Thread-safe.</summary>
internal interface IView : IAsyncDisposable
{
    /// <summary>The name of the phase that is on.</summary>
    string Phase { get; set; }

    /// <summary>Something happened.</summary>
    void Say(TimeSpan time, string line);

    /// <summary>From now on there is a pool to show.</summary>
    void Show(Func<Scene> look);
}
