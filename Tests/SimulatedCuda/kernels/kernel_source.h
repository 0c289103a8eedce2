// Rewrites preprocessed CUDA C++ into C++ that a host compiler takes, and appends the table of its kernels.
#pragma once
#include <string>

namespace codat_sim {

/// Lines are kept, so that messages of the compiler name the right ones. `shared_section` puts static shared arrays
/// into one section that the engine can fill with its pattern; templates with shared arrays need it off.
std::string rewrite_kernel_source(const std::string& preprocessed, bool shared_section);

}
