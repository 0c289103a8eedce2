using System.Text.Json;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A Chrome trace as a reader of it sees it.</summary>
internal sealed class TimelineFile
{
    /// <summary>Numbers are written whole, so nothing but the last bit of a sum can differ.</summary>
    private const double Rounding = 1e-6;

    private readonly Dictionary<string, Span[]> _tracks = [];

    public TimelineFile(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        var events = file.RootElement.GetProperty("traceEvents").EnumerateArray().ToArray();
        foreach (var track in events.Where(e => Text(e, "ph") == "M" && Text(e, "name") == "thread_name"))
        {
            var id = track.GetProperty("tid").GetInt32();
            var name = track.GetProperty("args").GetProperty("name").GetString()!;
            _tracks.Add(name,
            [
                .. events.Where(e => Text(e, "ph") == "X" && e.GetProperty("tid").GetInt32() == id).Select(e => new Span(
                    Text(e, "name"), e.GetProperty("ts").GetDouble(), e.GetProperty("dur").GetDouble())),
            ]);
        }
        Assert.That(events.Select(e => e.GetProperty("pid").GetInt32()).Distinct().Count(), Is.EqualTo(1));
        Assert.That(_tracks.Values.Sum(t => t.Length), Is.EqualTo(events.Count(e => Text(e, "ph") == "X")), "events without a track");
    }

    internal readonly record struct Span(string Name, double Start, double Microseconds)
    {
        public double End => Start + Microseconds;
    }

    public IEnumerable<string> Tracks => _tracks.Keys;

    public Span[] this[string track] => _tracks[track];

    /// <summary>Nothing is negative, and of two spans of a track that overlap one holds the other.</summary>
    public void CheckNesting()
    {
        foreach (var (name, spans) in _tracks)
        {
            var open = new Stack<Span>();
            foreach (var span in spans)
            {
                Assert.That(span.Microseconds, Is.GreaterThanOrEqualTo(0), $"{name}: {span}");
                while (open.Count > 0 && span.Start >= open.Peek().End - Rounding) open.Pop();
                if (open.Count > 0) Assert.That(span.End, Is.LessThanOrEqualTo(open.Peek().End + Rounding), $"{name}: {span} in {open.Peek()}");
                open.Push(span);
            }
        }
    }

    /// <summary>Every span of one track lies within one of another, and together they take no longer.</summary>
    public void CheckWithin(string inner, string outer)
    {
        foreach (var span in this[inner])
        {
            Assert.That(this[outer].Any(o => o.Start <= span.Start + Rounding && span.End <= o.End + Rounding), $"{inner} {span} in {outer}");
        }
        Assert.That(this[inner].Sum(s => s.Microseconds), Is.LessThanOrEqualTo(this[outer].Sum(s => s.Microseconds) + Rounding));
    }

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;
}
