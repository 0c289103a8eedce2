using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class ReportFigureTests
{
    private const double Tolerance = 5e-5;

    [TestCase(0, 10, 0.0, 0.2775)]
    [TestCase(5, 10, 0.2366, 0.7634)]
    [TestCase(10, 10, 0.7225, 1.0)]
    [TestCase(336, 1000, 0.3074, 0.3659)]
    public void Wilson_KnownCounts_MatchesTables(int correct, int n, double low, double high)
    {
        var interval = ReportIntervals.Wilson(correct, n);

        Assert.That(interval.Low, Is.EqualTo(low).Within(Tolerance));
        Assert.That(interval.High, Is.EqualTo(high).Within(Tolerance));
    }

    [Test]
    public void Wilson_NoImages_IsUnknown() => Assert.That(ReportIntervals.Wilson(0, 0).Low, Is.NaN);

    [TestCase(0.0, 0.83, 0.0, 1.0, 0.2)]
    [TestCase(0.0, 39.0, 0.0, 40.0, 10.0)]
    [TestCase(-0.3, 0.7, -0.4, 0.8, 0.2)]
    [TestCase(5.0, 5.0, 0.0, 10.0, 2.0)]
    public void Nice_Range_HasRoundEndsAndSteps(double least, double most, double from, double to, double step)
    {
        var scale = LinearScale.Nice(least, most, 0, 100);

        Assert.That(scale.From, Is.EqualTo(from).Within(1e-12));
        Assert.That(scale.To, Is.EqualTo(to).Within(1e-12));
        Assert.That(scale.Step, Is.EqualTo(step).Within(1e-12));
        Assert.That(scale.Map(to), Is.EqualTo(100).Within(1e-9));
    }

    [TestCase(1, 1)]
    [TestCase(1, 200)]
    [TestCase(0, 8)]
    public void Whole_Epochs_HasFewWholeTicks(int from, int to)
    {
        var ticks = LinearScale.Whole(from, to, 0, 100, 6).Ticks().ToList();

        Assert.That(ticks, Has.Count.InRange(1, 13));
        Assert.That(ticks, Has.All.Matches<double>(double.IsInteger));
    }

    [Test]
    public void Spread_CloseLabels_KeepsOrderAndGap()
    {
        var places = LineChart.Spread([10, 12, 13, 95, 99], gap: 15, least: 0, most: 100);

        for (var i = 1; i < places.Length; i++) Assert.That(places[i] - places[i - 1],
            Is.GreaterThanOrEqualTo(15 - 1e-9));
        Assert.That(places[^1], Is.LessThanOrEqualTo(100));
    }

    [Test]
    public void LineChart_SingleValues_AreDotsInsideTheAxes()
    {
        var series = new LineSeries("a", "tone-run1", [0, 1], [0.40, 0.42])
        {
            Singles = [(0, 0.10), (0, 0.70), (1, 0.42), (1, double.NaN)],
        };
        var chart = new LineChart
        {
            Title = "t", Description = "d", YName = "worst class", IsPercent = true, FromZero = false, IsWhole = false, Series = [series],
        };

        var svg = XElement.Parse(chart.Render().Markup);

        var dots = svg.Descendants().Where(e => e.Attribute("class")?.Value == "single")
            .Select(e => double.Parse(e.Attribute("cy")!.Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.That(dots, Has.Length.EqualTo(3));
        Assert.That(dots, Has.All.InRange(28.0, chart.Height - 40));
        Assert.That(dots[1], Is.LessThan(dots[2]).And.LessThan(dots[0]), "70 % is highest");
        Assert.That(svg.Descendants().Select(e => e.Value), Does.Contain("worst class"));
    }

    [Test]
    public void Of_TextInHoles_IsEscapedAndNumbersAreInvariant()
    {
        var html = Html.Of($"<i a=\"{"\"&'"}\">{"<b>"}</i>{Html.Of($"<hr>")}{1.006}{-0.001}{1234.5}{double.NaN}{7}");

        Assert.That(html.Markup, Is.EqualTo("<i a=\"&quot;&amp;&#39;\">&lt;b&gt;</i><hr>1.0101234.507"));
    }

    [TestCase(0.33649, "33.6")]
    [TestCase(0.99999, "100.0")]
    [TestCase(-0.0521, "\u22125.2")]
    [TestCase(-0.0001, "0.0")]
    [TestCase(double.NaN, "–")]
    public void Points_Share_HasOneDecimal(double share, string expected) =>
        Assert.That(ReportFormat.Points(share), Is.EqualTo(expected));

    [TestCase(5.25, "5.3\u202Fs")]
    [TestCase(621.4, "10\u202Fmin 21\u202Fs")]
    [TestCase(59.9, "60\u202Fs")]
    [TestCase(7199.6, "2\u202Fh 0\u202Fmin")]
    public void Duration_Seconds_ReadsNaturally(double seconds, string expected) =>
        Assert.That(ReportFormat.Duration(seconds), Is.EqualTo(expected));

    [TestCase(1)]
    [TestCase(3)]
    public void Encode_Image_DecodesToTheSamePixels(int channels)
    {
        var pixels = new byte[5 * 7 * channels];
        new Random(4).NextBytes(pixels);

        var file = ReportPng.Encode(pixels, height: 5, width: 7, channels);

        var chunks = Chunks(file);
        Assert.That(chunks.ConvertAll(chunk => chunk.Type), Is.EqualTo(new[] { "IHDR", "IDAT", "IEND" }));
        Assert.That(chunks[0].Data, Is.EqualTo(new byte[] { 0, 0, 0, 7, 0, 0, 0, 5, 8, (byte)(channels - 1), 0, 0,
            0 }));
        Assert.That(Unfiltered(chunks[1].Data, 7 * channels), Is.EqualTo(pixels));
        Assert.That(file[^4..], Is.EqualTo(new byte[] { 0xAE, 0x42, 0x60, 0x82 }), "the checksum of every IEND");
    }

    [TestCase(0.1, 5)]
    [TestCase(8 / 255.0, 15)]
    [TestCase(0.6, 1)]
    [TestCase(1 / 255.0, 100)]
    public void Factor_LargestChange_StaysWithinHalf(double largest, double expected) =>
        Assert.That(PerturbationImage.Factor(largest), Is.EqualTo(expected));

    [Test]
    public void Render_ColourImage_CentresOnGrey()
    {
        var example = new ExampleView(0, 0, "", [100, 100, 100], [100 / 255f, 110 / 255f, 90 / 255f], 0, 0);

        var pixels = PerturbationImage.Render(example, channels: 3, factor: 5);

        Assert.That(pixels, Is.EqualTo(new byte[] { 128, 178, 78 }));
    }

    [Test]
    public void Render_GreyImage_ColoursBySign()
    {
        var example = new ExampleView(0, 0, "", [100, 100], [110 / 255f, 90 / 255f], 0, 0);

        var pixels = PerturbationImage.Render(example, channels: 1, factor: 5);

        Assert.That(pixels[0], Is.GreaterThan(pixels[2]), "brighter is orange");
        Assert.That(pixels[5], Is.GreaterThan(pixels[3]), "darker is blue");
    }

    [Test]
    public void Thieves_Flow_AreSortedWithShares()
    {
        long[][] flow = [[50, 10, 40], [0, 100, 0], [1, 2, 97]];

        var thieves = Narrative.Thieves(flow, 0);

        Assert.That(thieves.Select(theft => theft.To), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(thieves[0].ShareOfClass, Is.EqualTo(0.4));
        Assert.That(thieves[0].ShareOfLosses, Is.EqualTo(0.8));
        Assert.That(Narrative.Thieves(flow, 1), Is.Empty);
    }

    private static List<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var covered = file.AsSpan(at + 4, length + 4);
            Assert.That(BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)), Is.EqualTo(Crc(covered)));
            chunks.Add((Encoding.ASCII.GetString(covered[..4]), covered[4..].ToArray()));
            at += length + 12;
        }
        return chunks;
    }

    // Bit by bit, with no table to share a mistake with.
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
        }
        return ~crc;
    }

    private static List<byte> Unfiltered(byte[] compressed, int stride)
    {
        using var zlib = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var raw = new MemoryStream();
        zlib.CopyTo(raw);
        var pixels = new List<byte>();
        foreach (var row in raw.ToArray().Chunk(stride + 1))
        {
            Assert.That(row[0], Is.Zero);
            pixels.AddRange(row[1..]);
        }
        return pixels;
    }
}
