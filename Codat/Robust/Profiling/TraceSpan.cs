namespace Codat.Native.Robust;

/// <summary>Something that took time; in microseconds from the start of its trace.</summary>
internal readonly record struct TraceSpan(string Name, double Start, double End)
{
    public double Microseconds => End - Start;
}
