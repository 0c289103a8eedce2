namespace Codat.Native.Interop;

/// <summary>Which cuDNN engines may be used, by what they say about themselves.</summary>
/// <remarks>
/// Single precision is single precision at every level of determinism: engines that round inputs are only for those
/// who asked for tf32 or a 16-bit type. Repeatable runs leave out what does not repeat and what adds up below single
/// precision.
/// </remarks>
internal readonly record struct EngineFilter(Determinism Determinism, MathPrecision Precision)
{
    /// <summary>Whether the engine may be used; if not, why.</summary>
    internal bool Accepts(EngineNotes notes, out string reason)
    {
        reason = Refusal(notes) ?? "";
        return reason.Length == 0;
    }

    private string? Refusal(EngineNotes notes)
    {
        if (Determinism != Determinism.Fast
            && notes.Has(cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC))
        {
            return "its results do not repeat";
        }
        if (Precision is MathPrecision.Float32 or MathPrecision.Float64)
        {
            if (notes.Has(cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS))
                return "it rounds its inputs";
            // For single-precision data tensor cores mean tf32; for double they are exact.
            if (Precision == MathPrecision.Float32
                && notes.Has(cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_TENSOR_CORE))
            {
                return "it uses tensor cores, that is tf32";
            }
        }
        if (Determinism != Determinism.Fast
            && notes.Has(cudnnBackendNumericalNote_t.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION))
        {
            return "it adds up below single precision";
        }
        return null;
    }
}
