// Numbers that cuBLAS and cuBLASLt share.
#pragma once
#include "element.h"

namespace codat_sim::blas {

enum Status {
    Success = 0, NotInitialized = 1, AllocFailed = 3, InvalidValue = 7, ArchMismatch = 8, MappingError = 11,
    ExecutionFailed = 13, InternalError = 14, NotSupported = 15
};

enum Compute {
    Compute32 = 68, Compute32Pedantic = 69, Compute64 = 70, Compute32Fast16F = 74, Compute32Fast16BF = 75,
    Compute32FastTf32 = 77
};

constexpr int Version = 120405;           // 12.4.5

/// False for types that the simulation has no arithmetic for.
inline bool to_element(int type, Element* element) {
    switch (type) {
        case 0: *element = Element::Float; return true;
        case 1: *element = Element::Double; return true;
        case 14: *element = Element::BFloat16; return true;
        default: return false;
    }
}

inline bool is_single(int compute) {
    return compute == Compute32 || compute == Compute32Pedantic || compute == Compute32Fast16F
        || compute == Compute32Fast16BF || compute == Compute32FastTf32;
}

/// Which combinations of types the library multiplies.
inline bool supports(int compute, Element a, Element b, Element c) {
    if (compute == Compute64) return a == Element::Double && b == Element::Double && c == Element::Double;
    if (!is_single(compute) || a != b) return false;
    if (a == Element::Float) return c == Element::Float;
    return a == Element::BFloat16 && (c == Element::BFloat16 || c == Element::Float);
}

const char* status_name(int status);

}
