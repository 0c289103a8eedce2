// What a step left behind, into the next row of a ring.
// variants: fmad=false ARGS_SIZE=80
#include "codat_common.cuh"

struct RecordStepArgs {
    double* rows;             // a step each: status, its class, right predictions, numbers, table
    int* next;                // the row to write
    const int* status;        // status and class
    const double* numbers;
    const double* table;
    const int* predicted;
    const int* labels;
    i64 images;
    int steps, scalars, table_length, unused;
};
static_assert(sizeof(RecordStepArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one block; block: 256
// shared: 1 KiB
// reads: next, status, numbers, table, predicted, labels; writes: rows, next
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) record_step(RecordStepArgs args) {
    __shared__ int rights[256];
    const int thread = static_cast<int>(threadIdx.x), row_length = 3 + args.scalars + args.table_length;
    double* row = args.rows + static_cast<i64>(args.next[0]) * row_length;
    int right = 0;
    for (i64 i = thread; i < args.images; i += 256) right += args.predicted[i] == args.labels[i] ? 1 : 0;
    rights[thread] = right;
    for (int i = thread; i < args.scalars; i += 256) row[3 + i] = args.numbers[i];
    for (int i = thread; i < args.table_length; i += 256) row[3 + args.scalars + i] = args.table[i];
    __syncthreads();
    if (thread != 0) return;
    int all = 0;
    for (int i = 0; i < 256; i++) all += rights[i];
    row[0] = args.status[0];
    row[1] = args.status[1];
    row[2] = all;
    args.next[0] = (args.next[0] + 1) % args.steps;
}
