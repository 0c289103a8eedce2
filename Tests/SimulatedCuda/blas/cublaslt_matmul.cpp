#include "../core/memory.h"
#include "cublaslt.h"

using namespace codat_sim;

namespace {

struct Run {
    lt::Problem p;
    uintptr_t a, b, c, d, workspace;
    size_t workspace_bytes;
    double alpha, beta;
    unsigned long long number;            // of the algorithm: it decides the order of the sum
};

Matrix matrix(const LtLayout& layout, uintptr_t address, Element type, bool transposed, int batch) {
    return {address + static_cast<uintptr_t>(batch * layout.batch_offset) * size_of(type), type,
            static_cast<long long>(layout.rows), static_cast<long long>(layout.columns), layout.leading, transposed};
}

void* pointer(uintptr_t address) { return reinterpret_cast<void*>(address); }

int check_extras(const lt::Problem& p) {
    unsigned epilogue = p.operation.epilogue;
    if (lt::has_bias(epilogue) || lt::has_bias_gradient(epilogue)) {
        size_t length = static_cast<size_t>(epilogue == lt::BiasGradientB ? p.n : p.m), size = size_of(p.bias_type);
        if (!device_memory().check(p.operation.bias, length * size, "bias of a product")) return cu::IllegalAddress;
        if (lt::has_bias(epilogue)) check_initialised(pointer(p.operation.bias), length * size, "bias of a product");
    }
    if (lt::writes_aux(epilogue) || lt::reads_aux(epilogue)) {
        size_t bytes = static_cast<size_t>(p.operation.aux_leading / 8 * p.n);
        if (!device_memory().check(p.operation.aux, bytes, "mask of a product")) return cu::IllegalAddress;
    }
    return 0;
}

template <class T> void apply_epilogue(const lt::Problem& p, std::vector<T>& values) {
    unsigned epilogue = p.operation.epilogue;
    auto* mask = static_cast<unsigned char*>(pointer(p.operation.aux));
    for (long long j = 0; j < p.n; j++)
        for (long long i = 0; i < p.m; i++) {
            T& value = values[static_cast<size_t>(j * p.m + i)];
            if (lt::has_bias(epilogue)) value += load<T>(pointer(p.operation.bias), p.bias_type, i);
            long long bit = i + j * p.operation.aux_leading;
            if (lt::writes_aux(epilogue)) {
                unsigned char one = static_cast<unsigned char>(1 << bit % 8);
                mask[bit / 8] = static_cast<unsigned char>(value > 0 ? mask[bit / 8] | one : mask[bit / 8] & ~one);
            }
            // As reported of the library, its ReLU turns what is not a number into zero.
            if (lt::has_relu(epilogue) && !(value > 0)) value = T(0);
            if (lt::reads_aux(epilogue) && (mask[bit / 8] >> bit % 8 & 1) == 0) value = 0;
        }
}

template <class T> void write_bias_gradient(const lt::Problem& p, const Matrix& a, const Matrix& b,
                                            const std::vector<T>& values) {
    unsigned epilogue = p.operation.epilogue;
    long long length = epilogue == lt::BiasGradientB ? p.n : p.m;
    long long terms = epilogue == lt::DReluBiasGradient ? p.n : p.k;
    for (long long i = 0; i < length; i++) {
        T sum = 0;
        for (long long t = 0; t < terms; t++)
            sum += epilogue == lt::DReluBiasGradient ? values[static_cast<size_t>(t * p.m + i)]
                : epilogue == lt::BiasGradientA ? load<T>(a.data(), a.type, a.index(i, t))
                                                : load<T>(b.data(), b.type, b.index(t, i));
        store<T>(pointer(p.operation.bias), p.bias_type, i, sum);
    }
}

/// The algorithm that splits the sum adds two halves, so that another algorithm gives other bits, as on a device.
template <class T> std::vector<T> product(const Run& run, const Matrix& a, const Matrix& b) {
    bool tf32 = run.p.operation.compute == blas::Compute32FastTf32 && a.type == Element::Float;
    if (run.number == 0 || run.p.k < 2) return multiply<T>(a, b, tf32);
    long long half = run.p.k / 2;
    auto part = [&](const Matrix& whole, bool inner_is_row, bool second) {
        Matrix piece = whole;
        long long begin = second ? half : 0, count = second ? run.p.k - half : half;
        long long start = inner_is_row ? whole.index(begin, 0) : whole.index(0, begin);
        piece.address += static_cast<uintptr_t>(start) * size_of(whole.type);
        (inner_is_row != whole.transposed ? piece.rows : piece.columns) = count;
        return piece;
    };
    std::vector<T> sums = multiply<T>(part(a, false, false), part(b, true, false), tf32);
    std::vector<T> others = multiply<T>(part(a, false, true), part(b, true, true), tf32);
    for (size_t i = 0; i < sums.size(); i++) sums[i] += others[i];
    return sums;
}

template <class T> int run_batch(const Run& run, int index) {
    const lt::Problem& p = run.p;
    Matrix a = matrix(p.a, run.a, p.type_a, p.operation.transpose_a != 0, index);
    Matrix b = matrix(p.b, run.b, p.type_b, p.operation.transpose_b != 0, index);
    Matrix c = matrix(p.c, run.c, p.type_d, false, index), d = matrix(p.d, run.d, p.type_d, false, index);
    if (int status = check_matrix(a, "A of a product", true)) return status;
    if (int status = check_matrix(b, "B of a product", true)) return status;
    if (run.beta != 0)
        if (int status = check_matrix(c, "C of a product", true)) return status;
    if (int status = check_matrix(d, "D of a product", false)) return status;
    std::vector<T> values = product<T>(run, a, b);
    for (long long j = 0; j < p.n; j++)
        for (long long i = 0; i < p.m; i++) {
            T& value = values[static_cast<size_t>(j * p.m + i)];
            value *= static_cast<T>(run.alpha);
            if (run.beta != 0) value += static_cast<T>(run.beta) * load<T>(c.data(), c.type, c.index(i, j));
        }
    apply_epilogue(p, values);
    for (long long j = 0; j < p.n; j++)
        for (long long i = 0; i < p.m; i++)
            store<T>(d.data(), d.type, d.index(i, j), values[static_cast<size_t>(j * p.m + i)]);
    if (lt::has_bias_gradient(p.operation.epilogue)) write_bias_gradient(p, a, b, values);
    return 0;
}

int execute(const Run& run) {
    if (int status = check_extras(run.p)) return status;
    if (!device_memory().check(run.workspace, run.workspace_bytes, "workspace of a product")) return cu::IllegalAddress;
    // What the algorithm leaves in its workspace is of no use to anyone.
    if (run.workspace_bytes > 0) fill_with_pattern(pointer(run.workspace), run.workspace_bytes);
    for (int i = 0; i < run.p.d.batch; i++) {
        bool is_double = run.p.operation.compute == blas::Compute64;
        if (int status = is_double ? run_batch<double>(run, i) : run_batch<float>(run, i)) return status;
    }
    return 0;
}

bool read_scalars(const lt::Problem& p, const void* alpha, const void* beta, Run* run) {
    bool is_double = p.operation.compute == blas::Compute64;
    if (p.operation.pointer_mode == 0) {
        run->alpha = is_double ? *static_cast<const double*>(alpha) : *static_cast<const float*>(alpha);
        run->beta = is_double ? *static_cast<const double*>(beta) : *static_cast<const float*>(beta);
    }
    return p.operation.pointer_mode == 0;
}

}

SIM_EXPORT int cublasLtMatmul(Handle handle, Handle operation, const void* alpha, uintptr_t a, Handle layout_a,
                              uintptr_t b, Handle layout_b, const void* beta, uintptr_t c, Handle layout_c, uintptr_t d,
                              Handle layout_d, const LtAlgorithm* algorithm, uintptr_t workspace,
                              size_t workspace_bytes, Handle stream_handle) {
    SIM_CALL(cublasLtMatmul);
    if (lt_handles().find(handle) == nullptr) return blas::NotInitialized;
    if (alpha == nullptr || beta == nullptr) return blas::InvalidValue;
    auto run = std::make_shared<Run>();
    if (int status = lt::describe(operation, layout_a, layout_b, layout_c, layout_d, &run->p)) return status;
    if (!read_scalars(run->p, alpha, beta, run.get())) return blas::NotSupported;
    if (algorithm != nullptr) {
        if (int status = lt::check_algorithm(*algorithm, run->p)) return status;
        if (workspace_bytes < algorithm->workspace) return blas::InvalidValue;
        for (uintptr_t address : {a, b, c, d})
            if (address % algorithm->alignment != 0) {
                add_problem("an address is less aligned than the algorithm was chosen for");
                return blas::InvalidValue;
            }
    }
    if (workspace_bytes > 0 && workspace % 16 != 0) return blas::InvalidValue;
    std::shared_ptr<Stream> stream;
    if (find_stream(stream_handle, &stream) != 0) return blas::ExecutionFailed;
    run->a = a;
    run->b = b;
    run->c = c;
    run->d = d;
    run->workspace = workspace;
    run->workspace_bytes = algorithm != nullptr ? algorithm->workspace : 0;
    run->number = algorithm != nullptr ? algorithm->number : 0;
    int status = enqueue(stream, NodeKind::Kernel, "matrix product", [run] { return execute(*run); });
    return status == 0 ? blas::Success : blas::ExecutionFailed;
}
