using System.Text;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class StepLogTests
{
    private static StepLog Filled(string folder, int steps)
    {
        StepLog log = StepLog.Open(folder, 2, 0);
        for (int s = 0; s < steps; s++) log.Add([s, s + 0.5], [-0.25, 1.25], s * 2, 0.3);
        log.Save();
        return log;
    }

    [Test]
    public void Save_ThreeSteps_WritesNpyMatricesAndVectors()
    {
        using var temp = new TempFolder();
        Filled(temp.Path, 3);

        byte[] risk = File.ReadAllBytes(temp.File("risk.npy"));
        double[] minWeight = VectorText.ReadFile(temp.File("minWeight.npy"));

        Assert.Multiple(() =>
        {
            Assert.That(Encoding.ASCII.GetString(risk, 10, 60),
                Does.StartWith("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"));
            Assert.That((10 + BitConverter.ToUInt16(risk, 8)) % 64, Is.Zero);
            Assert.That(BitConverter.ToDouble(risk, risk.Length - 8), Is.EqualTo(2.5));
            Assert.That(minWeight, Is.EqualTo(new[] { -0.25, -0.25, -0.25 }));
            Assert.That(VectorText.ReadFile(temp.File("variance.npy")), Is.EqualTo(new double[] { 0, 2, 4 }));
            Assert.That(VectorText.ReadFile(temp.File("etaEff.npy")), Is.EqualTo(new[] { 0.3, 0.3, 0.3 }));
        });
    }

    [Test]
    public void Open_Resume_EndsAtTheCommittedStepAndGoesOnAlike()
    {
        using var temp = new TempFolder();
        Filled(temp.File("whole"), 5);
        Filled(temp.File("cut"), 4);

        StepLog log = StepLog.Open(temp.File("cut"), 2, 3);
        for (int s = 3; s < 5; s++) log.Add([s, s + 0.5], [-0.25, 1.25], s * 2, 0.3);
        log.Save();

        foreach (string path in Directory.GetFiles(temp.File("whole")))
        {
            byte[] cut = File.ReadAllBytes(temp.File("cut/" + Path.GetFileName(path)));
            Assert.That(cut, Is.EqualTo(File.ReadAllBytes(path)), path);
        }
    }

    [Test]
    public void Open_FewerStepsThanCommitted_Throws()
    {
        using var temp = new TempFolder();
        Filled(temp.Path, 3);

        Assert.Throws<CodatException>(() => StepLog.Open(temp.Path, 2, 4));
        Assert.Throws<CodatException>(() => StepLog.Open(temp.Path, 3, 1));
    }
}
