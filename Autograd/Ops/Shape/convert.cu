// Copies of (rows, channels) matrices into another element type or another number of channels: bf16 weights, stems
// whose input channels are padded with zeros for tensor cores, and the way back.
// variants: fmad=false ELEMENT=bf16 FROM=float TO=bf16 ARGS_SIZE=32
// variants: fmad=false ELEMENT=bf16 FROM=bf16 TO=float ARGS_SIZE=32
// variants: fmad=false ELEMENT=float FROM=float TO=float ARGS_SIZE=32
#include "codat_common.cuh"

struct ConvertArgs {
    const FROM* from;
    TO* to;
    i64 count;                             // elements written
    int from_channels, to_channels;
};
static_assert(sizeof(ConvertArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each 4 elements written; block: 256
// shared: none
// reads: from; writes: to, with zeros in channels that `from` lacks; channels that `to` lacks are left out
// rounds to nearest even
extern "C" __global__ void __launch_bounds__(256) convert(ConvertArgs args) {
    const i64 first = 4 * thread_index();
    const i64 last = first + 4 < args.count ? first + 4 : args.count;
    const bool is_same = args.from_channels == args.to_channels;
    const bool is_aligned = ((reinterpret_cast<u64>(args.from) | reinterpret_cast<u64>(args.to)) & 15) == 0;
    if (is_same && is_aligned && last - first == 4) {
        float values[4];
        read<4>(args.from + first, values);
        write<4>(args.to + first, values);
        return;
    }
    for (i64 at = first; at < last; at++) {
        const i64 row = is_same ? 0 : at / args.to_channels;
        const i64 channel = at - row * args.to_channels;
        const bool is_there = is_same || channel < args.from_channels;
        const auto value = is_there ? widen(args.from[row * args.from_channels + channel]) : 0;
        args.to[at] = narrow<TO>(value);
    }
}
