// Element types of cuBLAS and cuDNN in memory and in arithmetic.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace codat_sim {

enum class Element { Float, Double, BFloat16 };

inline size_t size_of(Element type) { return type == Element::Double ? 8 : type == Element::Float ? 4 : 2; }

inline float from_bfloat16(uint16_t bits) {
    uint32_t word = static_cast<uint32_t>(bits) << 16;
    float value;
    memcpy(&value, &word, 4);
    return value;
}

/// Rounds to nearest even; not-a-number stays one.
inline uint16_t to_bfloat16(float value) {
    uint32_t word;
    memcpy(&word, &value, 4);
    if ((word & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<uint16_t>(word >> 16 | 0x40);
    word += 0x7FFF + (word >> 16 & 1);
    return static_cast<uint16_t>(word >> 16);
}

/// Rounds to the ten bits of mantissa that a tensor core keeps of a float.
inline float to_tf32(float value) {
    uint32_t word;
    memcpy(&word, &value, 4);
    if ((word & 0x7F800000u) == 0x7F800000u) return value;
    word += 0xFFF + (word >> 13 & 1);
    word &= 0xFFFFE000u;
    memcpy(&value, &word, 4);
    return value;
}

template <class T> T load(const void* base, Element type, long long index) {
    switch (type) {
        case Element::Float: return static_cast<T>(static_cast<const float*>(base)[index]);
        case Element::Double: return static_cast<T>(static_cast<const double*>(base)[index]);
        default: return static_cast<T>(from_bfloat16(static_cast<const uint16_t*>(base)[index]));
    }
}

template <class T> void store(void* base, Element type, long long index, T value) {
    switch (type) {
        case Element::Float: static_cast<float*>(base)[index] = static_cast<float>(value); break;
        case Element::Double: static_cast<double*>(base)[index] = static_cast<double>(value); break;
        default: static_cast<uint16_t*>(base)[index] = to_bfloat16(static_cast<float>(value)); break;
    }
}

}
