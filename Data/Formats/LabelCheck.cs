using System.Globalization;

namespace Codat.Native.Data;

/// <summary>The one check every reader makes of a label.</summary>
internal static class LabelCheck
{
    internal static int InRange(long label, int classes, long record, string where, int first = 0)
    {
        if (label < first || label - first >= classes)
            throw new DatasetException("a label is out of range",
                string.Create(CultureInfo.InvariantCulture, $"{where}, record {record}"),
                string.Create(CultureInfo.InvariantCulture, $"{first} to {first + classes - 1}"),
                DataFile.Number(label), "the file is damaged or of another data set");
        return (int)(label - first);
    }
}
