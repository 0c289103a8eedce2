// The three products of a convolution on dense arrays in the order N, C, H, W of cuDNN's dimensions.
#pragma once
#include "graph.h"

namespace codat_sim::dnn {

/// Content of a tensor, dense, channels innermost (N, H, W, C; a filter K, R, S, C).
template <class T> using Values = std::vector<T>;

/// Reads a tensor; `tf32` rounds what is read.
template <class T> Values<T> read_tensor(const Tensor& tensor, const void* memory, bool tf32);
template <class T> void write_tensor(const Tensor& tensor, void* memory, const Values<T>& values);

/// The result of a convolution without alpha and beta. `pass` other than 0 changes the order of sums.
template <class T>
Values<T> convolve(const Operation& operation, const Values<T>& first, const Values<T>& second, unsigned pass);

}
