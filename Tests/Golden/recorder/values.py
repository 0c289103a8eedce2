"""Numbers that both sides can make without a file (GoldenValues.cs is the twin; README.md defines them)."""
import math

import numpy as np

GOLDEN = 0x9E3779B97F4A7C15
MASK = 0xFFFFFFFFFFFFFFFF


def fnv1a(name):
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    h = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def mix(z):
    """The finaliser of splitmix64, on an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def unit(name, count, case=0):
    """u_i in [0, 1), a multiple of 2^-24, as float64 (exact in float32 too)."""
    with np.errstate(over="ignore"):
        counter = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN) + np.uint64(fnv1a(name) ^ case)
        return (mix(counter) >> np.uint64(40)).astype(np.float64) / 2.0**24


def affine(name, shape, offset, scale, case=0, symmetric=True):
    """float32(offset + scale * v), the sum in double, with v = 2u - 1 or u."""
    v = unit(name, math.prod(shape), case)
    if symmetric:
        v = 2.0 * v - 1.0
    return (offset + scale * v).astype(np.float32).reshape(shape)


def state(name, shape, gain=1.0):
    """A parameter or buffer of a network: its kind follows from its name and its rank."""
    if name.endswith("running_mean"):
        return affine(name, shape, 0.0, 0.1)
    if name.endswith("running_var"):
        return affine(name, shape, 0.8, 0.4, symmetric=False)
    if name.endswith("bias"):
        return affine(name, shape, 0.0, 0.1)
    if len(shape) == 1:
        return affine(name, shape, 1.0, 0.2)
    return affine(name, shape, 0.0, math.sqrt(6.0 / math.prod(shape[1:])) * gain)


def images(shape, case=0):
    """Images in [0, 1), flat order N, C, H, W."""
    return affine("x", shape, 0.0, 1.0, case, symmetric=False)


def labels(count, classes=10, case=0):
    return np.floor(unit("y", count, case) * classes).astype(np.int64)


def sample_indices(count, size):
    """Where `count` values of a tensor of `size` elements are looked at (repeats are possible)."""
    with np.errstate(over="ignore"):
        hashed = mix(np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN))
    return (hashed % np.uint64(size)).astype(np.int64)
