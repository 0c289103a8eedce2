// What the simulated compiler hands out as machine code and the simulated driver takes back.
#pragma once
#include <string>

namespace codat_sim {

/// Makes a cubin: the shared object with the machine number of a device, and a trailer with its length and a checksum.
std::string pack_cubin(const std::string& shared_object, int compute_capability);
/// Makes PTX: a text with the same content in hexadecimal.
std::string pack_ptx(const std::string& shared_object, int compute_capability);

/// Reads either back from an address without a length. 0, or the driver's status for what is wrong with it.
int unpack_image(const void* image, int device_capability, std::string* shared_object);

}
