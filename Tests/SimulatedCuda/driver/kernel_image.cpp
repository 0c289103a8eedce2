#include "kernel_image.h"

#include <elf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "status.h"

namespace codat_sim {

namespace {

constexpr unsigned short CudaMachine = 190;
constexpr size_t LargestImage = size_t{256} << 20;
constexpr const char* PtxMark = "// simulated machine code ";

struct Trailer {
    char magic[8];
    unsigned long long bytes, checksum;
    int capability, reserved;
};

unsigned long long checksum(const std::string& bytes) {
    unsigned long long sum = 14695981039346656037ull;
    for (unsigned char c : bytes) sum = (sum ^ c) * 1099511628211ull;
    return sum;
}

/// Reads memory of this process that may not be there.
bool read_memory(const void* address, void* target, size_t bytes) {
    iovec local = {target, bytes}, remote = {const_cast<void*>(address), bytes};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(bytes);
}

/// An image of another generation cannot run; within one, a newer device runs older machine code.
int check_capability(int image, int device) {
    return image / 10 == device / 10 && image <= device ? cu::Success : cu::NoBinaryForGpu;
}

int unpack_cubin(const char* image, int device_capability, std::string* shared_object) {
    Elf64_Ehdr header;
    if (!read_memory(image, &header, sizeof header) || header.e_machine != CudaMachine) return cu::InvalidImage;
    size_t length = header.e_shoff + static_cast<size_t>(header.e_shnum) * header.e_shentsize;
    Trailer trailer;
    if (length > LargestImage || !read_memory(image + length, &trailer, sizeof trailer)) return cu::InvalidImage;
    if (memcmp(trailer.magic, "CODATSIM", 8) != 0 || trailer.bytes != length) return cu::InvalidImage;
    shared_object->resize(length);
    if (!read_memory(image, shared_object->data(), length)) return cu::InvalidImage;
    if (checksum(*shared_object) != trailer.checksum) return cu::InvalidImage;
    return check_capability(trailer.capability, device_capability);
}

int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

int unpack_ptx(const char* text, int device_capability, std::string* shared_object) {
    const char* mark = strstr(text, PtxMark);
    if (mark == nullptr) return cu::InvalidPtx;
    int capability = 0;
    unsigned long long bytes = 0, sum = 0;
    const char* at = mark + strlen(PtxMark);
    if (sscanf(at, "%d %llu %llx ", &capability, &bytes, &sum) != 3 || bytes > LargestImage) return cu::InvalidPtx;
    for (int spaces = 0; spaces < 3 && *at != 0; at++) spaces += *at == ' ';
    for (unsigned long long i = 0; i < bytes; i++, at += 2) {
        if (digit(at[0]) < 0 || digit(at[1]) < 0) return cu::InvalidPtx;
        shared_object->push_back(static_cast<char>(digit(at[0]) * 16 + digit(at[1])));
    }
    if (checksum(*shared_object) != sum) return cu::InvalidPtx;
    return capability <= device_capability ? cu::Success : cu::NoBinaryForGpu;
}

/// The file as the host's loader wants it.
void restore_machine(std::string* shared_object) {
#if defined(__x86_64__)
    unsigned short machine = EM_X86_64;
#else
    unsigned short machine = EM_AARCH64;
#endif
    memcpy(shared_object->data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
}

std::string with_device_machine(std::string shared_object) {
    memcpy(shared_object.data() + offsetof(Elf64_Ehdr, e_machine), &CudaMachine, sizeof CudaMachine);
    return shared_object;
}

}

std::string pack_cubin(const std::string& shared_object, int compute_capability) {
    Elf64_Ehdr header;
    memcpy(&header, shared_object.data(), sizeof header);
    std::string image = with_device_machine(shared_object);
    // The section table ends the file, which is how its length is known without being told.
    image.resize(header.e_shoff + static_cast<size_t>(header.e_shnum) * header.e_shentsize);
    Trailer trailer = {{'C', 'O', 'D', 'A', 'T', 'S', 'I', 'M'}, image.size(), checksum(image), compute_capability, 0};
    image.append(reinterpret_cast<const char*>(&trailer), sizeof trailer);
    return image;
}

std::string pack_ptx(const std::string& shared_object, int compute_capability) {
    std::string content = with_device_machine(shared_object);
    char head[160];
    snprintf(head, sizeof head, ".version 8.4\n.target sm_%d\n.address_size 64\n%s%d %zu %llx ", compute_capability,
             PtxMark, compute_capability, content.size(), checksum(content));
    std::string text = head;
    text.reserve(text.size() + 2 * content.size() + 1);
    for (unsigned char c : content) {
        text += "0123456789abcdef"[c >> 4];
        text += "0123456789abcdef"[c & 15];
    }
    return text + "\n";
}

int unpack_image(const void* image, int device_capability, std::string* shared_object) {
    char start[4];
    if (!read_memory(image, start, sizeof start)) return cu::InvalidImage;
    bool is_elf = memcmp(start, ELFMAG, SELFMAG) == 0, is_text = start[0] == '.' || start[0] == '/';
    if (!is_elf && !is_text) return cu::InvalidImage;
    auto* bytes = static_cast<const char*>(image);
    int status = is_elf ? unpack_cubin(bytes, device_capability, shared_object)
                        : unpack_ptx(bytes, device_capability, shared_object);
    if (status == cu::Success) restore_machine(shared_object);
    return status;
}

}
