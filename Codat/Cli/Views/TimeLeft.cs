using System.Globalization;

namespace Codat.Native.Cli;

/// <summary>Estimates how long the rest takes from what has been done since the start.</summary>
internal sealed class TimeLeft(TimeProvider time)
{
    private long _started = time.GetTimestamp();
    private double _first;

    /// <summary>Starts the clock at a point already reached.</summary>
    internal void Restart(double done)
    {
        _started = time.GetTimestamp();
        _first = done;
    }

    /// <summary>Time since the start.</summary>
    internal TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>The estimate, or null while nothing has been done.</summary>
    internal TimeSpan? Estimate(double done, double total)
        => done > _first ? Elapsed * ((total - done) / (done - _first)) : null;

    /// <summary>A time as people say it: <c>42s</c>, <c>3m10s</c>, <c>2h05m</c>.</summary>
    internal static string Print(TimeSpan? time)
    {
        if (time is not TimeSpan value || value < TimeSpan.Zero) return "-";
        long seconds = (long)Math.Round(value.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds}s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60:00}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h{seconds / 60 % 60:00}m"),
        };
    }
}
