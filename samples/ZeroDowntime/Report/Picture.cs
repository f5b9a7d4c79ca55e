using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using ZeroDowntime.Measure;

namespace ZeroDowntime.Report;

/// <summary>Memory over time, and under it the versions over time.</summary>
internal sealed class Picture(Results results)
{
    private const double Width = 920;
    private const double Height = 480;
    private const string MemoryAxis = "memory";
    private const string VersionsAxis = "versions";

    private static readonly OxyColor Line = OxyColor.FromRgb(0x1f, 0x3a, 0x5f);
    private static readonly OxyColor Quiet = OxyColor.FromRgb(0x66, 0x66, 0x66);
    private static readonly OxyColor Band = OxyColor.FromArgb(0x14, 0x00, 0x00, 0x00);

    private static readonly OxyColor[] VersionColors =
        [OxyColor.FromRgb(0x9d, 0xb4, 0xc8), OxyColor.FromRgb(0xf2, 0xa6, 0x5a), OxyColor.FromRgb(0x58, 0xa4, 0x7b)];

    public string ToSvg()
    {
        PlotModel model = new()
        {
            Title = Title(),
            TitleFontSize = 15,
            TitleFontWeight = FontWeights.Normal,
            Background = OxyColors.White,
            DefaultFont = "sans-serif",
            Padding = new OxyThickness(8, 12, 16, 8),
            PlotAreaBorderColor = Quiet,
            PlotAreaBorderThickness = new OxyThickness(0),
        };
        AddAxes(model);
        AddPhases(model);
        AddMemory(model);
        AddVersions(model);
        return new SvgExporter
        {
            Width = Width,
            Height = Height,

            // Not every viewer knows the attribute that would place the text otherwise.
            UseVerticalTextAlignmentWorkaround = true,
        }.ExportToString(model);
    }

    private double End => results.Duration.TotalSeconds;

    // Pictures of different runs shall be easy to compare: room for twice the usual memory in each.
    private double MostMemory => Math.Max(2 * results.SteadyMegabytes(), results.Samples.Max(sample => sample.Megabytes));

    private double MostReady => Math.Max(1, results.Samples.Max(sample => sample.Ready.Values.Sum()));

    private string Title()
    {
        int explained = results.Losses.Count - results.Unexplained.Count;
        return $"{results.Total.Opened:N0} connections; lost: {explained} with a killed worker that held them, {results.Unexplained.Count} others";
    }

    private void AddAxes(PlotModel model)
    {
        model.Axes.Add(new LinearAxis
        {
            Title = "seconds",
            AxisTitleDistance = 8,
            Position = AxisPosition.Bottom,
            Minimum = 0,
            Maximum = End,
            AxislineStyle = LineStyle.Solid,
            AxislineColor = Quiet,
        });
        model.Axes.Add(CreateAxis(MemoryAxis, "memory (PSS), MB", MostMemory * 1.18, 0.42, 1));
        LinearAxis versions = CreateAxis(VersionsAxis, "ready workers", MostReady * 1.1, 0, 0.34);
        versions.MajorStep = Math.Max(1, Math.Ceiling(MostReady / 4));
        versions.MinorStep = versions.MajorStep;
        model.Axes.Add(versions);
    }

    private static LinearAxis CreateAxis(string key, string title, double max, double start, double end) => new()
    {
        Key = key,
        Title = title,
        AxisTitleDistance = 14,
        Position = AxisPosition.Left,
        Minimum = 0,
        Maximum = max,
        StartPosition = start,
        EndPosition = end,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColor.FromRgb(0xe4, 0xe4, 0xe4),
        AxislineStyle = LineStyle.Solid,
        AxislineColor = Quiet,
    };

    private void AddPhases(PlotModel model)
    {
        foreach (Phase phase in results.Phases.Where(phase => phase.Name is not (Script.Rest or Script.WarmUp)))
        {
            (double start, double end) = (phase.Start.TotalSeconds, phase.End.TotalSeconds);
            model.Annotations.Add(CreateBand(MemoryAxis, start, end, MostMemory * 1.18));
            model.Annotations.Add(CreateBand(VersionsAxis, start, end, MostReady * 1.1));
            model.Annotations.Add(new TextAnnotation
            {
                Text = phase.Name,
                TextPosition = new DataPoint((start + end) / 2, MostMemory * 1.17),
                TextVerticalAlignment = VerticalAlignment.Top,
                YAxisKey = MemoryAxis,
                StrokeThickness = 0,
                FontSize = 12,
            });
        }
    }

    private static RectangleAnnotation CreateBand(string axis, double start, double end, double top) => new()
    {
        MinimumX = start, MaximumX = end, MinimumY = 0, MaximumY = top, Fill = Band, Stroke = OxyColors.White, StrokeThickness = 2,
        YAxisKey = axis, Layer = AnnotationLayer.BelowSeries,
    };

    private void AddMemory(PlotModel model)
    {
        double steady = results.SteadyMegabytes();
        model.Annotations.Add(new LineAnnotation
        {
            Type = LineAnnotationType.Horizontal, Y = steady, YAxisKey = MemoryAxis, Color = Quiet, LineStyle = LineStyle.Dash,
        });
        Phase phase = results.Phases.First(phase => phase.Name == Script.Steady);
        model.Annotations.Add(new TextAnnotation
        {
            Text = $"{steady:0} MB",
            TextPosition = new DataPoint((phase.Start + phase.End).TotalSeconds / 2, steady * 0.96),
            TextVerticalAlignment = VerticalAlignment.Top,
            YAxisKey = MemoryAxis,
            StrokeThickness = 0,
            TextColor = Quiet,
        });
        LineSeries line = new() { YAxisKey = MemoryAxis, Color = Line, StrokeThickness = 1.8, Title = "memory of master and workers" };
        line.Points.AddRange(results.Samples.Select(sample => new DataPoint(sample.Time.TotalSeconds, sample.Megabytes)));
        model.Series.Add(line);
    }

    private void AddVersions(PlotModel model)
    {
        string[] labels = [.. results.Samples.SelectMany(sample => sample.Ready.Keys).Distinct().Order(StringComparer.Ordinal)];
        for (int i = 0; i < labels.Length; i++)
        {
            OxyColor color = VersionColors[i % VersionColors.Length];
            AreaSeries area = new()
            {
                YAxisKey = VersionsAxis, Fill = color, Color = color, Color2 = OxyColors.Transparent, StrokeThickness = 0,
            };
            foreach (Sample sample in results.Samples)
            {
                AddStep(area, sample, labels[..i], labels[i]);
            }

            model.Series.Add(area);
            AddName(model, labels[..i], labels[i]);
        }
    }

    // In the middle of the time in which the version had the most workers.
    private void AddName(PlotModel model, string[] below, string label)
    {
        int most = results.Samples.Max(sample => sample.Ready.GetValueOrDefault(label));
        Sample[] widest = [.. results.Samples.Where(sample => sample.Ready.GetValueOrDefault(label) == most)];
        Sample middle = widest[widest.Length / 2];
        int bottom = below.Sum(other => middle.Ready.GetValueOrDefault(other));
        model.Annotations.Add(new TextAnnotation
        {
            Text = label,
            TextPosition = new DataPoint(middle.Time.TotalSeconds, bottom + (most / 2.0)),
            TextVerticalAlignment = VerticalAlignment.Middle,
            YAxisKey = VersionsAxis,
            StrokeThickness = 0,
            FontSize = 13,
        });
    }

    // Stands on the older versions; the value holds from one sample to the next.
    private static void AddStep(AreaSeries area, Sample sample, string[] below, string label)
    {
        double time = sample.Time.TotalSeconds;
        double bottom = below.Sum(other => sample.Ready.GetValueOrDefault(other));
        double top = bottom + sample.Ready.GetValueOrDefault(label);
        if (area.Points.Count > 0)
        {
            area.Points.Add(new DataPoint(time, area.Points[^1].Y));
            area.Points2.Add(new DataPoint(time, area.Points2[^1].Y));
        }

        area.Points.Add(new DataPoint(time, top));
        area.Points2.Add(new DataPoint(time, bottom));
    }
}
