using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Carries batches from the loader into a step's memory.</summary>
internal sealed class StepFeed(StepProgram program)
{
    private readonly StepTensors _tensors = program.Tensors;
    private int _epoch = -1;

    public void Load(BatchSlot slot)
    {
        _tensors.Pixels.CopyFrom<byte>(slot.Pixels);
        _tensors.Labels.CopyFrom<int>(slot.Labels);
        _tensors.SampleIds.CopyFrom<int>(slot.SampleIds);
        _tensors.Moves.CopyFrom<int>(slot.Augment);
        if (slot.Epoch == _epoch) return;
        _epoch = slot.Epoch;
        _tensors.SetEpoch(_epoch);
    }
}
