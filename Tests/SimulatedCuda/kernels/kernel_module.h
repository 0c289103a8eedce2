// A compiled kernel file in this process.
#pragma once
#include <memory>
#include <string>

#include "../shim/kernel_abi.h"

namespace codat_sim {

class KernelModule {
public:
    /// Loads the bytes of a shared object; every load has variables of its own. Null and `error` if they are no such.
    static std::unique_ptr<KernelModule> load(const std::string& shared_object, std::string* error);
    ~KernelModule();
    KernelModule(const KernelModule&) = delete;
    KernelModule& operator=(const KernelModule&) = delete;

    const KernelImage& image() const { return *_image; }
    const KernelEntry* find(const std::string& name) const;
    /// A variable in device memory; null if there is none of this name.
    void* find_variable(const char* name, size_t* bytes) const;

private:
    KernelModule(void* library, const KernelImage* image, int file) : _library(library), _image(image), _file(file) {}
    void* _library;
    const KernelImage* _image;
    int _file;
};

}
