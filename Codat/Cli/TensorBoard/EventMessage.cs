using Google.Protobuf;

namespace Codat.Native.Cli;

/// <summary>The few fields of TensorFlow's Event and Summary messages that scalars need.</summary>
internal static class EventMessage
{
    // event.proto: wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5.
    // summary.proto: value = 1 (repeated); in Value: tag = 1 (string), simple_value = 2 (float).
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int Value = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;

    /// <summary>The message every file begins with.</summary>
    internal static byte[] Version(double wallTime) => Write(output =>
    {
        Header(output, wallTime, 0);
        output.WriteTag(FileVersion, WireFormat.WireType.LengthDelimited);
        output.WriteString("brain.Event:2");
    });

    /// <summary>Scalars of one step.</summary>
    internal static byte[] Scalars(double wallTime, long step, IEnumerable<(string Tag, double Value)> scalars)
    {
        byte[] summary = Write(output =>
        {
            foreach ((string tag, double value) in scalars)
            {
                output.WriteTag(Value, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(Scalar(tag, value)));
            }
        });
        return Write(output =>
        {
            Header(output, wallTime, step);
            output.WriteTag(Summary, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(summary));
        });
    }

    /// <summary>The step of a message.</summary>
    internal static long StepOf(byte[] message)
    {
        using var input = new CodedInputStream(message);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == Step) return input.ReadInt64();
            input.SkipLastField();
        }
        return 0;
    }

    private static byte[] Scalar(string tag, double value) => Write(output =>
    {
        output.WriteTag(Tag, WireFormat.WireType.LengthDelimited);
        output.WriteString(tag);
        output.WriteTag(SimpleValue, WireFormat.WireType.Fixed32);
        output.WriteFloat((float)value);
    });

    private static void Header(CodedOutputStream output, double wallTime, long step)
    {
        output.WriteTag(WallTime, WireFormat.WireType.Fixed64);
        output.WriteDouble(wallTime);
        if (step == 0) return;
        output.WriteTag(Step, WireFormat.WireType.Varint);
        output.WriteInt64(step);
    }

    private static byte[] Write(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true)) write(output);
        return memory.ToArray();
    }
}
