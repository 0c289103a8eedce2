using System.Runtime.CompilerServices;

// Everything that crosses the border is blittable: bits go over as they are.
[assembly: DisableRuntimeMarshalling]
