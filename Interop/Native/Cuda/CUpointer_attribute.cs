namespace Codat.Native.Interop;

/// <summary>Facts that can be asked of an address; those in use.</summary>
internal enum CUpointer_attribute : int
{
    CU_POINTER_ATTRIBUTE_CONTEXT = 1,
    CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
    CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9,
}
