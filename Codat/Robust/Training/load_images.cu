// Stored bytes to images in [0,1], shifted and mirrored per sample with zeros outside.
// variants: fmad=false ELEMENT=float,double ARGS_SIZE=56
#include "codat_common.cuh"

struct LoadImagesArgs {
    const unsigned char* pixels;
    const int* moves;         // (N,3): columns and rows moved, mirrored
    const int* ids;           // (N): which image each sample is; null where sample n is image n
    T* y;
    i64 count;                // elements of the batch
    int height, width, channels, unused;
};
static_assert(sizeof(LoadImagesArgs) == ARGS_SIZE, "the host's struct differs");

// grid: one thread for each element; block: 256
// shared: none
// reads: pixels, moves, ids; writes: y
// the same bits as on the host
extern "C" __global__ void __launch_bounds__(256) load_images(LoadImagesArgs args) {
    const i64 at = thread_index();
    if (at >= args.count) return;
    const int row = args.width * args.channels, run = args.height * row;
    const i64 sample = at / run;
    const int inside = static_cast<int>(at - sample * run);
    const int y = inside / row, x = inside % row / args.channels, channel = inside % args.channels;
    const int* move = args.moves + 3 * sample;
    const int from_y = y + move[1];
    const int from_x = (move[2] != 0 ? args.width - 1 - x : x) + move[0];
    const i64 image = args.ids != nullptr ? args.ids[sample] : sample;
    const bool is_inside = static_cast<u32>(from_y) < static_cast<u32>(args.height)
        && static_cast<u32>(from_x) < static_cast<u32>(args.width);
    args.y[at] = is_inside
        ? A(args.pixels[image * run + static_cast<i64>(from_y) * row + from_x * args.channels + channel]) / A(255)
        : A(0);
}
