using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace Codat.Native.Tests;

/// <summary>
/// A fixture of category Cuda, which is there only where CUDA is: hundreds of skipped tests would all say the same.
/// <see cref="CudaAvailabilityTests"/> says it once.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CudaFixtureAttribute : NUnitAttribute, IFixtureBuilder2
{
    private readonly NUnitTestFixtureBuilder _builder = new();

    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo) => BuildFrom(typeInfo, new Everything());

    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo, IPreFilter filter)
    {
        if (CudaTestDevice.WhyNot is not null) yield break;
        var fixture = _builder.BuildFrom(typeInfo, filter);
        fixture.Properties.Add(PropertyNames.Category, CudaTestDevice.Category);
        yield return fixture;
    }

    private sealed class Everything : IPreFilter
    {
        public bool IsMatch(Type type) => true;

        public bool IsMatch(Type type, System.Reflection.MethodInfo method) => true;
    }
}
