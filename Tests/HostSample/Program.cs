// A service that owns a CUDA context and a stream trains a robust network inside it, once in each mode.
// Ends with 0 if both modes gave the same falling losses and nothing of the service's was touched.
using System.Globalization;
using Codat.Native.HostSample;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;

const int Steps = 30;
using var service = new Service();
var forked = Train(HostMode.ForkJoin);
var adopted = Train(HostMode.Adopt);
var isSame = forked.SequenceEqual(adopted);
var isUntouched = service.IsUntouched();
Console.WriteLine(isSame ? "both modes: the same losses" : "the modes differ");
Console.WriteLine(isUntouched ? "context, stream and batch: as they were" : "something of the service's was touched");
return isSame && isUntouched && forked[^1] < 0.8 * forked[0] ? 0 : 1;

double[] Train(HostMode mode)
{
    using var context = CudaContext.Attach(service.Context);
    using var stream = CudaStream.Attach(context, service.Stream);
    using var engine = CodatEngine.Create(new CodatEngineOptions
    {
        Context = context, HostStream = stream, Mode = mode, MemoryLimitBytes = 256 << 20,
        Spec = new NetworkSpec("small-cnn", Service.Side, Service.Side, Service.Channels, Service.Classes),
        Batch = Service.Batch, Eta = 0.3, LearningRate = 0.1,
        Threat = new ThreatModel(Norm.Linf, Magnitude.Levels(8), Magnitude.Levels(4), 2, AttackStart.Uniform),
    });
    var batch = DeviceBatch.Of(
        new DeviceSpan<byte>(service.Pixels, Service.Batch * Service.Side * Service.Side * Service.Channels),
        new DeviceSpan<int>(service.Labels, Service.Batch));
    var losses = new double[Steps];
    service.Rewind();
    for (var i = 0; i < Steps; i++)
    {
        service.NextBatch();
        var step = engine.Step(batch); // enqueued; the next upload waits for it on the device
        if (i == Steps / 2) engine.LearningRate = 0.05;
        losses[i] = step.Read().Loss;
    }
    var report = engine.LastStep.Read();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{mode,-8} captured {engine.IsCaptured,-5}  loss {losses[0]:F4} -> {losses[Steps / 2]:F4} -> {losses[^1]:F4}  "
        + $"{report.Correct} of {report.Count} right under attack  {engine.Memory?.PeakBytes:N0} bytes at most"));
    return losses;
}
