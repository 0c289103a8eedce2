// Atomic operations. Threads take turns and blocks follow one another, so plain reads and writes are atomic here.
#pragma once

template <class T> struct CodatSame { using Type = T; };   // keeps a value from taking part in deduction

template <class T> static inline T atomicAdd(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = static_cast<T>(old + value);
    return old;
}
template <class T> static inline T atomicSub(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = static_cast<T>(old - value);
    return old;
}
template <class T> static inline T atomicExch(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = value;
    return old;
}
template <class T> static inline T atomicMin(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    if (value < old) *address = value;
    return old;
}
template <class T> static inline T atomicMax(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    if (old < value) *address = value;
    return old;
}
template <class T> static inline T atomicAnd(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = old & value;
    return old;
}
template <class T> static inline T atomicOr(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = old | value;
    return old;
}
template <class T> static inline T atomicXor(T* address, typename CodatSame<T>::Type value) {
    T old = *address;
    *address = old ^ value;
    return old;
}
template <class T>
static inline T atomicCAS(T* address, typename CodatSame<T>::Type expected, typename CodatSame<T>::Type value) {
    T old = *address;
    if (old == expected) *address = value;
    return old;
}
static inline unsigned atomicInc(unsigned* address, unsigned limit) {
    unsigned old = *address;
    *address = old >= limit ? 0 : old + 1;
    return old;
}

static inline void __threadfence() { asm volatile("" ::: "memory"); }
static inline void __threadfence_block() { asm volatile("" ::: "memory"); }
static inline void __threadfence_system() { asm volatile("" ::: "memory"); }
