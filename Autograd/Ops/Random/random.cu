// Random numbers of a shape (N,...), one stream for each sample.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=56
#include "codat_common.cuh"

struct RandomArgs {
    const int* ids;       // (N)
    const int* counters;  // epoch, restart
    T* y;
    i64 samples, run;     // run: elements of a sample
    u64 seed;
    int purpose, is_normal;
};
static_assert(sizeof(RandomArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each 4 elements of a sample; block: 128
// shared: none
// reads: ids, counters; writes: y
// the words are the host's, so the uniform numbers are; the normal ones to the last bits of log, sin and cos
extern "C" __global__ void __launch_bounds__(128) random_numbers(RandomArgs args) {
    const i64 fours = (args.run + 3) / 4;
    const i64 i = thread_index();
    const i64 sample = i / fours;
    if (sample >= args.samples) return;
    const u32 four = static_cast<u32>(i - sample * fours);
    const Words words = philox(args.seed, args.ids[sample], args.counters[0],
                               philox_use(args.purpose, args.counters[1]), four);
    double values[4];
    if (args.is_normal) {
        normals(words, values);
    } else {
        for (int j = 0; j < 4; j++) values[j] = 2 * uniform(words.at[j]) - 1;
    }
    T* y = args.y + sample * args.run + 4ll * four;
    const int count = args.run - 4ll * four < 4 ? static_cast<int>(args.run - 4ll * four) : 4;
    for (int j = 0; j < count; j++) y[j] = A(values[j]);
}
