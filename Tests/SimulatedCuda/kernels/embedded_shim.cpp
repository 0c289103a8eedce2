#include "embedded_shim.h"

// The assembler finds the files because the build passes it the folder.
#define CODAT_EMBED(ID, FILE) \
    asm(".section .rodata\n.globl codat_embed_" #ID "\n.hidden codat_embed_" #ID "\ncodat_embed_" #ID ":\n" \
        ".incbin \"" FILE "\"\n.globl codat_embed_end_" #ID "\n.hidden codat_embed_end_" #ID "\n" \
        "codat_embed_end_" #ID ":\n.byte 0\n.previous\n"); \
    extern "C" const char codat_embed_##ID[], codat_embed_end_##ID[];

CODAT_EMBED(abi, "kernel_abi.h")
CODAT_EMBED(host, "cuda_host.h")
CODAT_EMBED(types, "cuda_types.h")
CODAT_EMBED(math, "cuda_math.h")
CODAT_EMBED(intrinsics, "cuda_intrinsics.h")
CODAT_EMBED(warp, "cuda_warp.h")
CODAT_EMBED(atomics, "cuda_atomics.h")

namespace codat_sim {

const std::vector<EmbeddedFile>& shim_files() {
    auto file = [](const char* name, const char* begin, const char* end) {
        return EmbeddedFile{name, {begin, static_cast<size_t>(end - begin)}};
    };
    static const std::vector<EmbeddedFile> files = {
        file("kernel_abi.h", codat_embed_abi, codat_embed_end_abi),
        file("cuda_host.h", codat_embed_host, codat_embed_end_host),
        file("cuda_types.h", codat_embed_types, codat_embed_end_types),
        file("cuda_math.h", codat_embed_math, codat_embed_end_math),
        file("cuda_intrinsics.h", codat_embed_intrinsics, codat_embed_end_intrinsics),
        file("cuda_warp.h", codat_embed_warp, codat_embed_end_warp),
        file("cuda_atomics.h", codat_embed_atomics, codat_embed_end_atomics),
    };
    return files;
}

}
