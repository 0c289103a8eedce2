#include <algorithm>

#include "../core/memory.h"
#include "cublas.h"

using namespace codat_sim;

namespace {

struct Product {
    Matrix a, b, c;
    long long stride_a = 0, stride_b = 0, stride_c = 0;
    int batch = 1, compute = blas::Compute32;
    const void* alpha = nullptr;
    const void* beta = nullptr;
    bool device_scalars = false, tf32 = false;
    double alpha_value = 0, beta_value = 0;           // host scalars are read by the call
    uintptr_t workspace = 0;
    size_t workspace_bytes = 0;
};

bool is_operation(int operation) { return operation >= 0 && operation <= 2; }

Matrix stored(const void* address, Element type, long long op_rows, long long op_columns, int operation, int leading) {
    bool transposed = operation != 0;
    return {reinterpret_cast<uintptr_t>(address), type, transposed ? op_columns : op_rows,
            transposed ? op_rows : op_columns, leading, transposed};
}

double read_scalar(const void* address, bool is_double) {
    return is_double ? *static_cast<const double*>(address) : *static_cast<const float*>(address);
}

int read_device_scalar(const void* address, bool is_double, const char* role, double* value) {
    auto at = reinterpret_cast<uintptr_t>(address);
    if (!device_memory().check(at, is_double ? 8 : 4, role)) return cu::IllegalAddress;
    *value = read_scalar(address, is_double);
    return 0;
}

template <class T> void run_one(const Product& p, Matrix a, Matrix b, Matrix c) {
    std::vector<T> sums = multiply<T>(a, b, p.tf32);
    T alpha = static_cast<T>(p.alpha_value), beta = static_cast<T>(p.beta_value);
    for (long long j = 0; j < c.columns; j++)
        for (long long i = 0; i < c.rows; i++) {
            T value = alpha * sums[static_cast<size_t>(j * c.rows + i)];
            // With beta zero the old content is not read: it may be anything.
            if (beta != 0) value += beta * load<T>(c.data(), c.type, c.index(i, j));
            store<T>(c.data(), c.type, c.index(i, j), value);
        }
}

int run(Product& p) {
    bool is_double = p.compute == blas::Compute64;
    if (p.device_scalars) {
        if (int status = read_device_scalar(p.alpha, is_double, "alpha", &p.alpha_value)) return status;
        if (int status = read_device_scalar(p.beta, is_double, "beta", &p.beta_value)) return status;
    }
    if (!device_memory().check(p.workspace, p.workspace_bytes, "workspace of cuBLAS")) return cu::IllegalAddress;
    for (int i = 0; i < p.batch; i++) {
        Matrix a = p.a, b = p.b, c = p.c;
        a.address += static_cast<uintptr_t>(i * p.stride_a) * size_of(a.type);
        b.address += static_cast<uintptr_t>(i * p.stride_b) * size_of(b.type);
        c.address += static_cast<uintptr_t>(i * p.stride_c) * size_of(c.type);
        if (int status = check_matrix(a, "A of a product", true)) return status;
        if (int status = check_matrix(b, "B of a product", true)) return status;
        if (int status = check_matrix(c, "C of a product", p.beta_value != 0)) return status;
        if (is_double) run_one<double>(p, a, b, c);
        else run_one<float>(p, a, b, c);
    }
    return 0;
}

int enqueue_product(Handle handle, Product p, int operation_a, int operation_b, int m, int n, int k) {
    auto found = cublas_handles().find(handle);
    if (found == nullptr) {
        if (cublas_handles().was_live(handle)) add_problem("use of a cuBLAS handle after its release");
        return blas::NotInitialized;
    }
    if (!is_operation(operation_a) || !is_operation(operation_b) || m < 0 || n < 0 || k < 0 || p.batch < 0)
        return blas::InvalidValue;
    for (const Matrix* matrix : {&p.a, &p.b, &p.c})
        if (matrix->leading < std::max(1LL, matrix->rows)) return blas::InvalidValue;
    if (!blas::supports(p.compute, p.a.type, p.b.type, p.c.type)) return blas::NotSupported;
    if (m == 0 || n == 0 || p.batch == 0) return blas::Success;
    if (p.alpha == nullptr || p.beta == nullptr) return blas::InvalidValue;

    std::shared_ptr<Stream> stream;
    if (find_stream(found->stream, &stream) != 0) return blas::ExecutionFailed;
    if (stream->context != found->context) {
        add_problem("a cuBLAS handle of another context than the current one");
        return blas::ExecutionFailed;
    }
    if (stream->capture != nullptr && found->own_workspace)
        add_problem("a captured product uses the library's own workspace");
    bool is_double = p.compute == blas::Compute64;
    p.device_scalars = found->device_scalars;
    if (!p.device_scalars) {
        p.alpha_value = read_scalar(p.alpha, is_double);
        p.beta_value = read_scalar(p.beta, is_double);
    }
    bool tf32_mode = (found->math_mode & ~16) == 3 && p.compute == blas::Compute32;
    p.tf32 = p.a.type == Element::Float && (p.compute == blas::Compute32FastTf32 || tf32_mode);
    p.workspace = found->workspace;
    p.workspace_bytes = found->workspace_bytes;
    auto shared = std::make_shared<Product>(p);
    int status = enqueue(stream, NodeKind::Kernel, "matrix product", [shared] { return run(*shared); });
    return status == 0 ? blas::Success : blas::ExecutionFailed;
}

int typed_product(Handle handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int a_type,
                  int lda, long long stride_a, const void* b, int b_type, int ldb, long long stride_b,
                  const void* beta, void* c, int c_type, int ldc, long long stride_c, int batch, int compute) {
    Element ea, eb, ec;
    if (!blas::to_element(a_type, &ea) || !blas::to_element(b_type, &eb) || !blas::to_element(c_type, &ec))
        return blas::NotSupported;
    Product p;
    p.a = stored(a, ea, m, k, ta, lda);
    p.b = stored(b, eb, k, n, tb, ldb);
    p.c = stored(c, ec, m, n, 0, ldc);
    p.stride_a = stride_a;
    p.stride_b = stride_b;
    p.stride_c = stride_c;
    p.batch = batch;
    p.compute = compute;
    p.alpha = alpha;
    p.beta = beta;
    return enqueue_product(handle, p, ta, tb, m, n, k);
}

}

SIM_EXPORT int cublasSgemm_v2(Handle handle, int ta, int tb, int m, int n, int k, const float* alpha, const float* a,
                              int lda, const float* b, int ldb, const float* beta, float* c, int ldc) {
    SIM_CALL(cublasSgemm_v2);
    return typed_product(handle, ta, tb, m, n, k, alpha, a, 0, lda, 0, b, 0, ldb, 0, beta, c, 0, ldc, 0, 1,
                         blas::Compute32);
}

SIM_EXPORT int cublasDgemm_v2(Handle handle, int ta, int tb, int m, int n, int k, const double* alpha, const double* a,
                              int lda, const double* b, int ldb, const double* beta, double* c, int ldc) {
    SIM_CALL(cublasDgemm_v2);
    return typed_product(handle, ta, tb, m, n, k, alpha, a, 1, lda, 0, b, 1, ldb, 0, beta, c, 1, ldc, 0, 1,
                         blas::Compute64);
}

SIM_EXPORT int cublasSgemmStridedBatched(Handle handle, int ta, int tb, int m, int n, int k, const float* alpha,
                                         const float* a, int lda, long long stride_a, const float* b, int ldb,
                                         long long stride_b, const float* beta, float* c, int ldc, long long stride_c,
                                         int batch) {
    SIM_CALL(cublasSgemmStridedBatched);
    return typed_product(handle, ta, tb, m, n, k, alpha, a, 0, lda, stride_a, b, 0, ldb, stride_b, beta, c, 0, ldc,
                         stride_c, batch, blas::Compute32);
}

SIM_EXPORT int cublasGemmEx(Handle handle, int ta, int tb, int m, int n, int k, const void* alpha, const void* a,
                            int a_type, int lda, const void* b, int b_type, int ldb, const void* beta, void* c,
                            int c_type, int ldc, int compute, int) {
    SIM_CALL(cublasGemmEx);
    return typed_product(handle, ta, tb, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0,
                         1, compute);
}

SIM_EXPORT int cublasGemmStridedBatchedEx(Handle handle, int ta, int tb, int m, int n, int k, const void* alpha,
                                          const void* a, int a_type, int lda, long long stride_a, const void* b,
                                          int b_type, int ldb, long long stride_b, const void* beta, void* c,
                                          int c_type, int ldc, long long stride_c, int batch, int compute, int) {
    SIM_CALL(cublasGemmStridedBatchedEx);
    return typed_product(handle, ta, tb, m, n, k, alpha, a, a_type, lda, stride_a, b, b_type, ldb, stride_b, beta, c,
                         c_type, ldc, stride_c, batch, compute);
}
