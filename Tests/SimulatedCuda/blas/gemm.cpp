// Only the speed of these sums matters. No fused multiply-add, so that they are the same everywhere.
#pragma GCC optimize("O3", "fp-contract=off")
#include "gemm.h"

#include "../core/memory.h"
#include "../core/report.h"
#include "../driver/status.h"

namespace codat_sim {

int check_matrix(const Matrix& matrix, const char* role, bool reads) {
    constexpr int Misaligned = 716;
    if (matrix.address % size_of(matrix.type) != 0) {
        add_problem(std::string(role) + ": the address is no multiple of the element's size");
        return Misaligned;
    }
    if (!device_memory().check(matrix.address, matrix.bytes(), role)) return cu::IllegalAddress;
    if (!reads || matrix.bytes() == 0) return 0;
    // Only what is used: the gap between columns need not be written.
    for (long long column = 0; column < matrix.columns; column++) {
        auto* begin = static_cast<const char*>(matrix.data()) + column * matrix.leading * size_of(matrix.type);
        check_initialised(begin, static_cast<size_t>(matrix.rows) * size_of(matrix.type), role);
    }
    return 0;
}

template <class T> std::vector<T> multiply(const Matrix& a, const Matrix& b, bool tf32) {
    long long m = a.op_rows(), k = a.op_columns(), n = b.op_columns();
    std::vector<T> left(static_cast<size_t>(m * k)), result(static_cast<size_t>(m * n));
    auto take = [tf32](const Matrix& matrix, long long row, long long column) {
        T value = load<T>(matrix.data(), matrix.type, matrix.index(row, column));
        return tf32 ? static_cast<T>(to_tf32(static_cast<float>(value))) : value;
    };
    for (long long p = 0; p < k; p++)
        for (long long i = 0; i < m; i++) left[static_cast<size_t>(p * m + i)] = take(a, i, p);
    // A column of the result at a time: the inner loop runs over contiguous memory.
    for (long long j = 0; j < n; j++) {
        T* out = result.data() + j * m;
        for (long long p = 0; p < k; p++) {
            const T factor = take(b, p, j);
            const T* column = left.data() + p * m;
            for (long long i = 0; i < m; i++) out[i] += column[i] * factor;
        }
    }
    return result;
}

template std::vector<float> multiply<float>(const Matrix&, const Matrix&, bool);
template std::vector<double> multiply<double>(const Matrix&, const Matrix&, bool);

}
