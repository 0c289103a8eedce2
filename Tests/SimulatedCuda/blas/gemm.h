// Matrix products over checked memory, column-major as in BLAS.
#pragma once
#include <vector>

#include "element.h"

namespace codat_sim {

struct Matrix {
    uintptr_t address = 0;
    Element type = Element::Float;
    long long rows = 0, columns = 0, leading = 0;      // as stored
    bool transposed = false;

    long long op_rows() const { return transposed ? columns : rows; }
    long long op_columns() const { return transposed ? rows : columns; }
    size_t bytes() const {
        return rows == 0 || columns == 0 ? 0 : static_cast<size_t>((columns - 1) * leading + rows) * size_of(type);
    }
    const void* data() const { return reinterpret_cast<const void*>(address); }
    void* data() { return reinterpret_cast<void*>(address); }
    /// Where op(M)(row, column) lies.
    long long index(long long row, long long column) const {
        return transposed ? column + row * leading : row + column * leading;
    }
};

/// A status of the driver if the matrix does not lie in live memory or is not aligned to its elements.
int check_matrix(const Matrix& matrix, const char* role, bool reads);

/// op(A) op(B), dense and column-major; `tf32` rounds the inputs as tensor cores do.
template <class T> std::vector<T> multiply(const Matrix& a, const Matrix& b, bool tf32);

extern template std::vector<float> multiply<float>(const Matrix&, const Matrix&, bool);
extern template std::vector<double> multiply<double>(const Matrix&, const Matrix&, bool);

}
