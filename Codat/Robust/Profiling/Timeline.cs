using System.Globalization;
using System.Text.Json;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// Writes a trace as the JSON that Perfetto and chrome://tracing open: a track each for phases, layers, kernels and
/// threads of the host. Times are microseconds; what lies within something else nests.
/// </summary>
internal sealed class Timeline
{
    private const int Process = 1;

    private readonly List<(string Name, string Category, List<TraceSpan> Spans)> _tracks = [];

    private Timeline(StepTrace trace)
    {
        Track("phases", "phase").AddRange(trace.Phases);
        var lanes = trace.Steps.GroupBy(s => s.Lane).OrderBy(g => g.Key).ToArray();
        foreach (var lane in lanes) Track(InLane("layers", lane.Key), "layer").AddRange(Layers(lane));
        foreach (var lane in lanes)
            Track(InLane("kernels", lane.Key), "kernel").AddRange(lane.SelectMany(s => s.Kernels));
        foreach (var thread in trace.Host.GroupBy(h => h.Thread).OrderBy(g => g.Key))
        {
            var what = trace.IsEnqueued ? " (enqueues)" : "";
            Track(string.Create(CultureInfo.InvariantCulture, $"host thread {thread.Key}{what}"), "host")
                .AddRange(thread.Select(h => h.Span));
        }
    }

    /// <summary>Refuses a file whose folder is not there, before any work is done.</summary>
    public static void Check(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (Directory.Exists(path) || folder is null)
            throw new CodatException("the timeline needs a file", $"--timeline {path}", "a file's name", "a folder");
        if (!Directory.Exists(folder))
            throw new CodatException("the folder for the timeline is not there", $"--timeline {path}", folder,
                "no such folder", "make it, or choose another");
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Write(string path, StepTrace trace, string title) =>
        AtomicFile.Write(path, stream => new Timeline(trace).Write(stream, title));

    // Steps that follow each other in one layer are one stretch of it.
    private static IEnumerable<TraceSpan> Layers(IEnumerable<TracedStep> steps)
    {
        TracedStep? last = null;
        var span = default(TraceSpan);
        foreach (var step in steps)
        {
            if (last is not null && last.Plan == step.Plan && last.Index < step.Index && last.Layer == step.Layer)
            {
                span = span with { End = step.End };
            }
            else
            {
                if (last is not null) yield return span;
                span = new TraceSpan(step.Layer, step.Start, step.End);
            }
            last = step;
        }
        if (last is not null) yield return span;
    }

    private static string InLane(string name, int lane) =>
        lane == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}, lane {lane}");

    private List<TraceSpan> Track(string name, string category)
    {
        _tracks.Add((name, category, []));
        return _tracks[^1].Spans;
    }

    private void Write(Stream stream, string title)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        Name(json, "process_name", 0, title);
        for (var track = 0; track < _tracks.Count; track++)
        {
            Name(json, "thread_name", track + 1, _tracks[track].Name);
            // Readers nest by order where times are equal: the longer one comes first.
            var spans = _tracks[track].Spans.OrderBy(s => s.Start).ThenByDescending(s => s.End);
            foreach (var span in spans) Complete(json, span, _tracks[track].Category, track + 1);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter json, string what, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Complete(Utf8JsonWriter json, in TraceSpan span, string category, int track)
    {
        json.WriteStartObject();
        json.WriteString("name", span.Name);
        json.WriteString("cat", category);
        json.WriteString("ph", "X");
        json.WriteNumber("ts", span.Start);
        json.WriteNumber("dur", span.Microseconds);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", track);
        json.WriteEndObject();
    }
}
