#include "kernel_module.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace codat_sim {

std::unique_ptr<KernelModule> KernelModule::load(const std::string& shared_object, std::string* error) {
    // A file in memory has an identity of its own, so the loader never takes two modules for one.
    int file = memfd_create("codat-kernel", MFD_CLOEXEC);
    size_t written = 0;
    while (file >= 0 && written < shared_object.size()) {
        ssize_t n = write(file, shared_object.data() + written, shared_object.size() - written);
        if (n <= 0) break;
        written += static_cast<size_t>(n);
    }
    std::string path = "/proc/self/fd/" + std::to_string(file);
    void* library = written == shared_object.size() ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (library == nullptr) {
        const char* reason = dlerror();
        *error = reason != nullptr ? reason : "cannot keep the file in memory";
    }
    if (library == nullptr) {
        if (file >= 0) close(file);
        return nullptr;
    }
    // The descriptor stays open as long as the module: the loader knows libraries by their path, which holds its
    // number.
    auto* image = static_cast<const KernelImage*>(dlsym(library, "codat_sim_image"));
    if (image != nullptr) return std::unique_ptr<KernelModule>(new KernelModule(library, image, file));
    *error = "the file has no table of kernels";
    dlclose(library);
    close(file);
    return nullptr;
}

KernelModule::~KernelModule() {
    dlclose(_library);
    close(_file);
}

const KernelEntry* KernelModule::find(const std::string& name) const {
    for (int i = 0; i < _image->entry_count; i++)
        if (name == _image->entries[i].name) return &_image->entries[i];
    return nullptr;
}

void* KernelModule::find_variable(const char* name, size_t* bytes) const {
    void* address = find(name) == nullptr ? dlsym(_library, name) : nullptr;
    Dl_info info;
    const ElfW(Sym)* symbol = nullptr;
    if (address == nullptr || dladdr1(address, &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)),
                                      RTLD_DL_SYMENT) == 0 || symbol == nullptr) return nullptr;
    if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) return nullptr;
    // A name of another library is not a variable of this module.
    Dl_info own;
    if (dladdr(_image, &own) == 0 || own.dli_fbase != info.dli_fbase) return nullptr;
    *bytes = symbol->st_size;
    return address;
}

}
