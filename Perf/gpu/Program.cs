using Codat.Native.Interop;

namespace Codat.Native.Perf;

/// <summary>What a GPU machine is asked besides the tests and <c>codat profile</c>.</summary>
internal static class Program
{
    private const string Usage = """
        usage: exports               every bound function against what the loaded libraries export
               header FILE           a C file that compiles only against headers with our numbers and sizes
               weights [BATCH] [CLASSES]   microseconds of class risks and class weights in a captured step
               copy [MIB]            bytes per second of a device-to-device copy, the ceiling of passes over memory
        """;

    private static int Main(string[] args)
    {
        try
        {
            return Run(args);
        }
        catch (CodatException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static int Run(string[] args)
    {
        switch (args)
        {
            case ["exports"]:
                return NativeExports.Write(Console.Out) ? 0 : 1;
            case ["header", var file]:
                NativeHeader.Write(file);
                return 0;
            case ["weights", .. var sizes]:
                WeightTimer.Run(Size(sizes, 0, 128), Size(sizes, 1, 10), Console.Out);
                return 0;
            case ["copy", .. var sizes]:
                CopyTimer.Run(Size(sizes, 0, 1024), Console.Out);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Size(string[] given, int at, int otherwise) =>
        given.Length > at ? int.Parse(given[at], System.Globalization.CultureInfo.InvariantCulture) : otherwise;
}
