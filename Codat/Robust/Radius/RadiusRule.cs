namespace Codat.Native.Robust;

/// <summary>Chooses the radius of the chi-square ball, anew for each epoch.</summary>
/// <remarks>What it learns comes from the results of steps in their order and from the validation, so that it is the
/// same for any number of threads, on every device, and after every resume.</remarks>
internal abstract class RadiusRule
{
    /// <summary>The radius of the first epoch.</summary>
    public abstract double Begin { get; }

    /// <summary>Everything it remembers, finite numbers of a fixed count; a resume writes into it.</summary>
    public virtual double[] State => [];

    /// <summary>Takes in the numbers of a step as <see cref="StepRecord"/> lays them out. Allocates nothing.</summary>
    public virtual void Observe(ReadOnlySpan<double> numbers)
    {
    }

    /// <summary>The radius of the next epoch.</summary>
    /// <param name="radius">That of the epoch that ends.</param>
    /// <param name="robust">Validation under attack, or null without.</param>
    public virtual double Next(double radius, ClassAccuracy? robust) => radius;

    /// <summary>Whether a saved radius and the memory that was put back can be this rule's.</summary>
    public virtual bool IsPossible(double radius) => radius == Begin;
}
