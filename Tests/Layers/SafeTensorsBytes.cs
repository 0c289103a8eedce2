using System.Buffers.Binary;
using System.Text;

namespace Codat.Native.Tests;

/// <summary>Builds safetensors files by hand, right or wrong.</summary>
internal static class SafeTensorsBytes
{
    public const string SmallHeader = """
        {"__metadata__":{"model":"small-cnn","note":"\u00e9"},
        "a.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
        "h":{"dtype":"F16","shape":[2],"data_offsets":[24,28]},
        "n":{"dtype":"I64","shape":[],"data_offsets":[16,24]}}
        """;

    public static byte[] SmallData()
    {
        var data = new byte[28];
        float[] values = [1.5f, -2, 3.25e-3f, float.MaxValue];
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * i), values[i]);
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(16), -7);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(24), 0x3C00);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(26), 0xC400);
        return data;
    }

    public static byte[] File(string header, params byte[] data) => File(Encoding.UTF8.GetBytes(header), data);

    public static byte[] File(byte[] header, byte[] data)
    {
        var file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return file;
    }
}
