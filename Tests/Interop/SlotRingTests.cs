using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The order in which slots of page-locked memory go round.</summary>
internal sealed class SlotRingTests
{
    [Test]
    public void Take_FreshRing_GoesRoundWithoutWaiting()
    {
        var ring = new SlotRing(3);

        Assert.That(ring.MustWait, Is.False);
        Assert.That(new[] { ring.Take(), ring.Take(), ring.Take() }, Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void Take_SubmittedSlotAgain_MustWait()
    {
        var ring = new SlotRing(2);
        ring.Submit(ring.Take());
        Assert.That(ring.MustWait, Is.False);
        ring.Submit(ring.Take());

        Assert.That((ring.MustWait, ring.Next), Is.EqualTo((true, 0)));
        Assert.That(ring.Take(), Is.Zero);
    }

    [Test]
    public void Take_ReturnedSlotAgain_NeedNotWait()
    {
        var ring = new SlotRing(1);
        ring.Return(ring.Take());

        Assert.That(ring.MustWait, Is.False);
    }

    [Test]
    public void Take_AllBeingFilled_IsRefused()
    {
        var ring = new SlotRing(1);
        ring.Take();

        Assert.That(() => ring.Take(), Throws.InvalidOperationException);
    }

    [Test]
    public void Submit_SlotNotTaken_IsRefused()
    {
        var ring = new SlotRing(2);
        ring.Submit(ring.Take());

        Assert.That(() => ring.Submit(0), Throws.InvalidOperationException);
        Assert.That(() => ring.Return(1), Throws.InvalidOperationException);
        Assert.That(() => ring.Submit(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
