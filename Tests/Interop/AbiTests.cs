using System.Reflection;
using System.Runtime.CompilerServices;
using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Sizes, numbers and names that the driver's binary interface fixes.</summary>
internal sealed class AbiTests
{
    // Every symbol the driver must have; newer and rarer ones are asked for before they are called.
    internal const string Required = """
        cuInit cuDriverGetVersion cuGetErrorName cuGetErrorString cuDeviceGetCount cuDeviceGet cuDeviceGetName cuDeviceGetUuid_v2
        cuDeviceTotalMem_v2 cuDeviceGetAttribute cuDeviceGetPCIBusId cuDevicePrimaryCtxRetain cuDevicePrimaryCtxRelease_v2
        cuDevicePrimaryCtxGetState cuCtxGetCurrent cuCtxSetCurrent cuCtxPushCurrent_v2 cuCtxPopCurrent_v2 cuCtxGetDevice
        cuCtxSynchronize cuCtxGetStreamPriorityRange cuModuleLoadData cuModuleLoadDataEx cuModuleUnload cuModuleGetFunction
        cuModuleGetGlobal_v2 cuFuncGetAttribute cuFuncSetAttribute cuLaunchKernel cuOccupancyMaxActiveBlocksPerMultiprocessor
        cuMemGetInfo_v2 cuMemAlloc_v2 cuMemFree_v2 cuMemHostAlloc cuMemFreeHost cuMemcpyHtoDAsync_v2 cuMemcpyDtoHAsync_v2
        cuMemcpyDtoDAsync_v2 cuMemsetD8Async cuMemsetD32Async cuStreamCreateWithPriority cuStreamDestroy_v2 cuStreamSynchronize
        cuStreamQuery cuStreamWaitEvent cuStreamGetCtx cuStreamGetFlags cuEventCreate cuEventDestroy_v2 cuEventRecord
        cuEventSynchronize cuEventQuery cuEventElapsedTime cuStreamBeginCapture_v2 cuStreamEndCapture cuStreamIsCapturing
        cuThreadExchangeStreamCaptureMode cuGraphDestroy cuGraphGetNodes cuGraphInstantiateWithFlags cuGraphExecDestroy
        cuGraphUpload cuGraphLaunch cuGraphDebugDotPrint
        """;

    // Symbols whose plain name has an older or a changed signature, or that would do harm to others in the process.
    private static readonly string[] s_forbidden =
    [
        "cuGraphInstantiate", "cuGraphInstantiate_v2", "cuStreamBeginCapture", "cuMemAlloc", "cuMemFree", "cuMemcpyHtoD_v2", "cuMemcpyDtoH_v2",
        "cuCtxCreate", "cuDevicePrimaryCtxReset", "cuDevicePrimaryCtxReset_v2", "cuStreamDestroy", "cuEventDestroy", "cuCtxPushCurrent",
        "cuDeviceGetUuid", "cuDevicePrimaryCtxRelease", "cuMemGetInfo", "cuModuleGetGlobal", "cuGraphExecUpdate",
    ];

    private static IEnumerable<string> Bound => typeof(CudaApi)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
        .Select(m => m.Name).Where(n => n.StartsWith("cu", StringComparison.Ordinal));

    [Test]
    public void Api_RequiredSymbols_AreAllBound()
    {
        string[] required = Required.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        Assert.That(required, Has.Length.EqualTo(64));
        Assert.That(required.Except(Bound), Is.Empty);
    }

    [Test]
    public void Api_ChangedSymbols_AreNotBound()
    {
        Assert.That(Bound.Intersect(s_forbidden), Is.Empty);
        Assert.That(Bound.Where(n => n.EndsWith("_ptsz", StringComparison.Ordinal) || n.EndsWith("_ptds", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Assembly_Marshalling_IsOff()
    {
        Assert.That(typeof(CudaApi).Assembly.IsDefined(typeof(DisableRuntimeMarshallingAttribute)), Is.True);
    }

    [Test]
    public void Handles_Size_IsOnePointer()
    {
        int[] sizes =
        [
            Unsafe.SizeOf<CUcontext>(), Unsafe.SizeOf<CUstream>(), Unsafe.SizeOf<CUevent>(), Unsafe.SizeOf<CUmodule>(), Unsafe.SizeOf<CUfunction>(),
            Unsafe.SizeOf<CUgraph>(), Unsafe.SizeOf<CUgraphExec>(), Unsafe.SizeOf<CUgraphNode>(), Unsafe.SizeOf<CUmemoryPool>(), Unsafe.SizeOf<CUdeviceptr>(),
        ];

        Assert.That(sizes, Is.All.EqualTo(8));
    }

    [Test]
    public void Structs_Sizes_AreTheHeaders()
    {
        Assert.That(Unsafe.SizeOf<CUuuid>(), Is.EqualTo(16));
        Assert.That(Unsafe.SizeOf<CUgraphExecUpdateResultInfo>(), Is.EqualTo(24));
    }

    [TestCase(typeof(CUresult), typeof(int))]
    [TestCase(typeof(CUdevice_attribute), typeof(int))]
    [TestCase(typeof(CUfunction_attribute), typeof(int))]
    [TestCase(typeof(CUstreamCaptureMode), typeof(int))]
    [TestCase(typeof(CUstreamCaptureStatus), typeof(int))]
    [TestCase(typeof(CUmemPool_attribute), typeof(int))]
    [TestCase(typeof(CUjit_option), typeof(int))]
    [TestCase(typeof(CUstream_flags), typeof(uint))]
    [TestCase(typeof(CUevent_flags), typeof(uint))]
    [TestCase(typeof(CUgraphInstantiate_flags), typeof(ulong))]
    public void Enums_UnderlyingType_IsTheHeaders(Type type, Type underlying) =>
        Assert.That(Enum.GetUnderlyingType(type), Is.EqualTo(underlying));

    [TestCase("SUCCESS 0, INVALID_VALUE 1, OUT_OF_MEMORY 2, NOT_INITIALIZED 3, DEINITIALIZED 4, NO_DEVICE 100, INVALID_DEVICE 101, INVALID_IMAGE 200, INVALID_CONTEXT 201, NO_BINARY_FOR_GPU 209, UNSUPPORTED_PTX_VERSION 222, INVALID_HANDLE 400, NOT_FOUND 500, NOT_READY 600, ILLEGAL_ADDRESS 700, LAUNCH_OUT_OF_RESOURCES 701, LAUNCH_TIMEOUT 702, CONTEXT_IS_DESTROYED 709, ASSERT 710, LAUNCH_FAILED 719, STREAM_CAPTURE_UNSUPPORTED 900, STREAM_CAPTURE_INVALIDATED 901, STREAM_CAPTURE_WRONG_THREAD 908, GRAPH_EXEC_UPDATE_FAILURE 910")]
    public void Results_Numbers_AreTheDrivers(string table)
    {
        foreach (var (name, number) in Parse(table))
            Assert.That(Enum.Parse<CUresult>(name == "SUCCESS" ? "CUDA_SUCCESS" : "CUDA_ERROR_" + name), Is.EqualTo((CUresult)number), name);
    }

    [TestCase("MAX_THREADS_PER_BLOCK 1, MAX_SHARED_MEMORY_PER_BLOCK 8, WARP_SIZE 10, MULTIPROCESSOR_COUNT 16, PCI_BUS_ID 33, L2_CACHE_SIZE 38, MAX_THREADS_PER_MULTIPROCESSOR 39, UNIFIED_ADDRESSING 41, COMPUTE_CAPABILITY_MAJOR 75, COMPUTE_CAPABILITY_MINOR 76, MAX_SHARED_MEMORY_PER_MULTIPROCESSOR 81, COOPERATIVE_LAUNCH 95, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN 97, MEMORY_POOLS_SUPPORTED 115")]
    public void DeviceAttributes_Numbers_AreTheDrivers(string table)
    {
        var entries = Parse(table).ToArray();

        foreach (var (name, number) in entries)
            Assert.That(Enum.Parse<CUdevice_attribute>("CU_DEVICE_ATTRIBUTE_" + name), Is.EqualTo((CUdevice_attribute)number), name);
        Assert.That(Enum.GetValues<CUdevice_attribute>(), Has.Length.EqualTo(entries.Length), "an attribute that is in no table");
    }

    [Test]
    public void Flags_Numbers_AreTheDrivers()
    {
        Assert.That((uint)CUstream_flags.CU_STREAM_NON_BLOCKING, Is.EqualTo(1));
        Assert.That(((uint)CUevent_flags.CU_EVENT_BLOCKING_SYNC, (uint)CUevent_flags.CU_EVENT_DISABLE_TIMING), Is.EqualTo((1u, 2u)));
        Assert.That(((int)CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL, (int)CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL,
            (int)CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED), Is.EqualTo((0, 1, 2)));
        Assert.That(((int)CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE, (int)CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_ACTIVE,
            (int)CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_INVALIDATED), Is.EqualTo((0, 1, 2)));
        Assert.That(((ulong)CUgraphInstantiate_flags.CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH,
            (ulong)CUgraphInstantiate_flags.CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD, (ulong)CUgraphInstantiate_flags.CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH,
            (ulong)CUgraphInstantiate_flags.CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY), Is.EqualTo((1ul, 2ul, 4ul, 8ul)));
        Assert.That(((int)CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS, (int)CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES),
            Is.EqualTo((4, 8)));
        Assert.That(((uint)CUmemHostAlloc_flags.CU_MEMHOSTALLOC_PORTABLE, (uint)CUmemHostAlloc_flags.CU_MEMHOSTALLOC_DEVICEMAP,
            (uint)CUmemHostAlloc_flags.CU_MEMHOSTALLOC_WRITECOMBINED), Is.EqualTo((1u, 2u, 4u)));
        Assert.That(((int)CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, (int)CUmemPool_attribute.CU_MEMPOOL_ATTR_USED_MEM_HIGH), Is.EqualTo((4, 8)));
    }

    private static IEnumerable<(string Name, int Number)> Parse(string table) =>
        table.Split(", ").Select(e => e.Split(' ')).Select(p => (p[0], int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture)));
}
