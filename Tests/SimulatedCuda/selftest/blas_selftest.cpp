// Self test of cuBLAS and cuBLASLt against plain loops.
#include "device_array.h"

extern "C" {
int cublasCreate_v2(Handle*);
int cublasDestroy_v2(Handle);
int cublasSetStream_v2(Handle, Handle);
int cublasSetWorkspace_v2(Handle, uintptr_t, size_t);
int cublasGemmEx(Handle, int, int, int, int, int, const void*, uintptr_t, int, int, uintptr_t, int, int, const void*,
                 uintptr_t, int, int, int, int);
int cublasLtCreate(Handle*);
int cublasLtDestroy(Handle);
int cublasLtMatmulDescCreate(Handle*, int, int);
int cublasLtMatmulDescDestroy(Handle);
int cublasLtMatmulDescSetAttribute(Handle, int, const void*, size_t);
int cublasLtMatrixLayoutCreate(Handle*, int, uint64_t, uint64_t, int64_t);
int cublasLtMatrixLayoutDestroy(Handle);
int cublasLtMatmulPreferenceCreate(Handle*);
int cublasLtMatmulPreferenceDestroy(Handle);
int cublasLtMatmulPreferenceSetAttribute(Handle, int, const void*, size_t);
int cublasLtMatmulAlgoGetHeuristic(Handle, Handle, Handle, Handle, Handle, Handle, Handle, int, void*, int*);
int cublasLtMatmulAlgoCheck(Handle, Handle, Handle, Handle, Handle, Handle, const void*, void*);
int cublasLtMatmul(Handle, Handle, const void*, uintptr_t, Handle, uintptr_t, Handle, const void*, uintptr_t, Handle,
                   uintptr_t, Handle, const void*, uintptr_t, size_t, Handle);
}

namespace {

constexpr int M = 5, N = 4, K = 6;

float at(const std::vector<float>& x, int row, int column, int leading, bool transposed) {
    return transposed ? x[size_t(column + row * leading)] : x[size_t(row + column * leading)];
}

std::vector<float> expected(const std::vector<float>& a, int lda, bool ta, const std::vector<float>& b, int ldb,
                            bool tb) {
    std::vector<float> c(M * N);
    for (int j = 0; j < N; j++)
        for (int i = 0; i < M; i++)
            for (int p = 0; p < K; p++) c[size_t(i + j * M)] += at(a, i, p, lda, ta) * at(b, p, j, ldb, tb);
    return c;
}

void plain(const Session& session) {
    Handle blas;
    OK(cublasCreate_v2(&blas));
    OK(cublasSetStream_v2(blas, session.stream));
    DeviceArray<char> workspace(session, 4096);
    EXPECT(cublasSetWorkspace_v2(blas, workspace.address + 16, 1024), 7);
    OK(cublasSetWorkspace_v2(blas, workspace.address, 4096));
    float one = 1, two = 2, zero = 0;
    for (bool ta : {false, true})
        for (bool tb : {false, true}) {
            int lda = (ta ? K : M) + 1, ldb = tb ? N : K;
            auto a = numbers(size_t(lda * (ta ? M : K)), 1), b = numbers(size_t(ldb * (tb ? K : N)), 2);
            DeviceArray<float> da(session, a), db(session, b), dc(session, M * N);
            auto multiply = [&](const float* beta, int ld) {
                return cublasGemmEx(blas, ta, tb, M, N, K, &one, da.address, 0, ld, db.address, 0, ldb, beta,
                                    dc.address, 0, M, 68, -1);
            };
            OK(multiply(&zero, lda));
            auto c = expected(a, lda, ta, b, ldb, tb);
            check(dc.read() == c, "a product");
            OK(multiply(&two, lda));
            for (float& value : c) value *= 3;
            check(dc.read() == c, "a product added to twice the old content");
            EXPECT(multiply(&zero, 2), 7);
        }
    EXPECT(cublasGemmEx(blas, 0, 0, 1, 1, 1, &one, 0, 0, 1, 0, 3, 1, &zero, 0, 0, 1, 68, -1), 15);
    check_clean();

    // Too little memory is a crash of the device, not of the process.
    DeviceArray<float> small(session, numbers(4, 3));
    OK(cublasGemmEx(blas, 0, 0, 2, 2, 3, &one, small.address, 0, 2, small.address, 0, 3, &zero, small.address, 0, 2, 68,
                    -1));
    EXPECT(cuStreamSynchronize(session.stream), 700);
    check_problem("A of a product: 24 bytes at address");
    // A handle without a workspace of its owner must not be captured.
    OK(cublasSetStream_v2(blas, session.stream));
    Handle graph;
    OK(cuStreamBeginCapture_v2(session.stream, 1));
    OK(cublasGemmEx(blas, 0, 0, 1, 1, 1, &one, small.address, 0, 1, small.address, 0, 1, &zero, small.address, 0, 1, 68,
                    -1));
    OK(cuStreamEndCapture(session.stream, &graph));
    OK(cuGraphDestroy(graph));
    check_problem("a captured product uses the library's own workspace");
    OK(cublasDestroy_v2(blas));
    EXPECT(cublasSetStream_v2(blas, session.stream), 1);
    check_problem("use of a cuBLAS handle after its release");
}

struct Lt {
    Handle handle, operation, a, b, d, preference;
    unsigned char results[4][96];
    int count = 0;

    explicit Lt(unsigned epilogue, uintptr_t bias, uintptr_t aux, uint64_t limit) {
        OK(cublasLtCreate(&handle));
        OK(cublasLtMatmulDescCreate(&operation, 68, 0));
        OK(cublasLtMatrixLayoutCreate(&a, 0, M, K, M));
        OK(cublasLtMatrixLayoutCreate(&b, 0, K, N, K));
        OK(cublasLtMatrixLayoutCreate(&d, 0, M, N, M));
        OK(cublasLtMatmulPreferenceCreate(&preference));
        int64_t aux_leading = 128;
        OK(cublasLtMatmulDescSetAttribute(operation, 7, &epilogue, 4));
        OK(cublasLtMatmulDescSetAttribute(operation, 8, &bias, 8));
        OK(cublasLtMatmulDescSetAttribute(operation, 11, &aux, 8));
        OK(cublasLtMatmulDescSetAttribute(operation, 12, &aux_leading, 8));
        EXPECT(cublasLtMatmulDescSetAttribute(operation, 12, &aux_leading, 4), 7);
        OK(cublasLtMatmulPreferenceSetAttribute(preference, 1, &limit, 8));
        OK(cublasLtMatmulAlgoGetHeuristic(handle, operation, a, b, d, d, preference, 4, results, &count));
    }
    ~Lt() {
        OK(cublasLtMatmulPreferenceDestroy(preference));
        OK(cublasLtMatrixLayoutDestroy(a));
        OK(cublasLtMatrixLayoutDestroy(b));
        OK(cublasLtMatrixLayoutDestroy(d));
        OK(cublasLtMatmulDescDestroy(operation));
        OK(cublasLtDestroy(handle));
    }
    int run(const Session& session, uintptr_t x, uintptr_t y, uintptr_t z, int which, uintptr_t workspace,
            size_t bytes) {
        float one = 1, zero = 0;
        return cublasLtMatmul(handle, operation, &one, x, a, y, b, &zero, z, d, z, d, results[which], workspace, bytes,
                              session.stream);
    }
};

void epilogues(const Session& session) {
    auto a = numbers(M * K, 1), b = numbers(K * N, 2), bias = numbers(M, 3);
    DeviceArray<float> da(session, a), db(session, b), dd(session, M * N), dbias(session, bias), gradient(session, 8);
    DeviceArray<unsigned char> mask(session, std::vector<unsigned char>(16 * N)), workspace(session, 1024);
    auto sums = expected(a, M, false, b, K, false);
    auto with_bias = sums, activated = sums;
    for (int i = 0; i < M * N; i++) {
        with_bias[size_t(i)] += bias[size_t(i % M)];
        activated[size_t(i)] = with_bias[size_t(i)] > 0 ? with_bias[size_t(i)] : 0;
    }
    Lt relu_mask(134, dbias.address, mask.address, 1024);
    check(relu_mask.count == 2, "an algorithm with and one without a workspace");
    for (int which : {0, 1}) {
        OK(relu_mask.run(session, da.address, db.address, dd.address, which, workspace.address, 1024));
        check(dd.read() == activated, "bias and ReLU");
    }
    auto bits = mask.read();
    bool right = true;
    for (int j = 0; j < N; j++)
        for (int i = 0; i < M; i++)
            right = right && (bits[size_t(j * 16)] >> i & 1) == (with_bias[size_t(i + j * M)] > 0);
    check(right, "the mask says what was positive");
    EXPECT(relu_mask.run(session, da.address, db.address, dd.address, 0, workspace.address, 64), 7);
    OK(cublasLtMatmulAlgoCheck(relu_mask.handle, relu_mask.operation, relu_mask.a, relu_mask.b, relu_mask.d,
                               relu_mask.d, relu_mask.results[1], relu_mask.results[3]));

    Lt masked(152, gradient.address, mask.address, 0);
    check(masked.count == 1, "no algorithm with a workspace where there is none");
    EXPECT(cublasLtMatmulAlgoCheck(masked.handle, masked.operation, masked.a, masked.b, masked.d, masked.d,
                                   relu_mask.results[1], relu_mask.results[3]), 15);
    OK(masked.run(session, da.address, db.address, dd.address, 0, 0, 0));
    std::vector<float> kept(M * N), column(M);
    for (int i = 0; i < M * N; i++) {
        kept[size_t(i)] = with_bias[size_t(i)] > 0 ? sums[size_t(i)] : 0;
        column[size_t(i % M)] += kept[size_t(i)];
    }
    check(dd.read() == kept, "the gradient of ReLU");
    std::vector<float> found(8);
    OK(cuMemcpyDtoHAsync_v2(found.data(), gradient.address, M * 4, session.stream));
    found.resize(M);
    check(found == column, "the gradient of a bias");
    for (bool left : {true, false}) {
        Lt summed(left ? 256 : 512, gradient.address, 0, 0);
        OK(summed.run(session, da.address, db.address, dd.address, 0, 0, 0));
        std::vector<float> inner(size_t(left ? M : N)), result(inner.size());
        for (int p = 0; p < K; p++)
            for (size_t i = 0; i < inner.size(); i++) inner[i] += left ? a[i + size_t(p) * M] : b[size_t(p) + i * K];
        OK(cuMemcpyDtoHAsync_v2(result.data(), gradient.address, inner.size() * 4, session.stream));
        check(result == inner, "the sum of a factor");
    }
    EXPECT(masked.run(session, da.address + 4, db.address, dd.address, 0, 0, 0), 7);
    check_problem("less aligned than the algorithm was chosen for");
}

}

int main() {
    {
        Session session;
        plain(session);
        epilogues(session);
    }
    return finish("the matrix libraries");
}
