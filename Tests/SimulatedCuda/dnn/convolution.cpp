// Only the speed of these sums matters. No fused multiply-add, so that they are the same everywhere.
#pragma GCC optimize("O3", "fp-contract=off")
#include "convolution.h"

namespace codat_sim::dnn {

template <class T> Values<T> read_tensor(const Tensor& t, const void* memory, bool tf32) {
    Values<T> values(static_cast<size_t>(t.count()));
    size_t at = 0;
    for (int64_t n = 0; n < t.dims[0]; n++)
        for (int64_t h = 0; h < t.dims[2]; h++)
            for (int64_t w = 0; w < t.dims[3]; w++)
                for (int64_t c = 0; c < t.dims[1]; c++) {
                    T value = load<T>(memory, t.type, t.offset(n, c, h, w));
                    values[at++] = tf32 ? static_cast<T>(to_tf32(static_cast<float>(value))) : value;
                }
    return values;
}

template <class T> void write_tensor(const Tensor& t, void* memory, const Values<T>& values) {
    size_t at = 0;
    for (int64_t n = 0; n < t.dims[0]; n++)
        for (int64_t h = 0; h < t.dims[2]; h++)
            for (int64_t w = 0; w < t.dims[3]; w++)
                for (int64_t c = 0; c < t.dims[1]; c++)
                    store<T>(memory, t.type, t.offset(n, c, h, w), values[at++]);
}

namespace {

/// Sizes of one convolution, and where its pixels meet.
struct Shape {
    int64_t images, in_h, in_w, in_c, out_h, out_w, out_c, filter_h, filter_w, filter_c, groups;
    const Convolution& c;

    explicit Shape(const Operation& o)
        : images(o.x.dims[0]), in_h(o.x.dims[2]), in_w(o.x.dims[3]), in_c(o.x.dims[1]), out_h(o.y.dims[2]),
          out_w(o.y.dims[3]), out_c(o.y.dims[1]), filter_h(o.w.dims[2]), filter_w(o.w.dims[3]), filter_c(o.w.dims[1]),
          groups(in_c / filter_c), c(o.convolution) {}

    int64_t per_group() const { return out_c / groups; }

    /// Calls `visit(x, y, tap)` with the offsets of input pixel, output pixel and filter position that belong together.
    template <class Visit> void each(unsigned pass, Visit visit) const {
        for (int64_t turn = 0; turn < images; turn++) {
            int64_t n = (turn + pass) % images;
            for (int64_t oh = 0; oh < out_h; oh++)
                for (int64_t ow = 0; ow < out_w; ow++)
                    for (int64_t r = 0; r < filter_h; r++)
                        for (int64_t s = 0; s < filter_w; s++) {
                            int64_t ih = oh * c.stride[0] - c.pre_padding[0] + r * c.dilation[0];
                            int64_t iw = ow * c.stride[1] - c.pre_padding[1] + s * c.dilation[1];
                            if (ih < 0 || iw < 0 || ih >= in_h || iw >= in_w) continue;
                            int64_t tap = c.flipped ? (filter_h - 1 - r) * filter_w + (filter_w - 1 - s)
                                                    : r * filter_w + s;
                            visit(((n * in_h + ih) * in_w + iw) * in_c, ((n * out_h + oh) * out_w + ow) * out_c, tap);
                        }
        }
    }
};

/// K,R,S,C to R,S,C,K and back: sums then run over contiguous output channels.
template <class T> Values<T> outputs_innermost(const Shape& s, const Values<T>& filter) {
    Values<T> result(filter.size());
    int64_t taps = s.filter_h * s.filter_w;
    for (int64_t k = 0; k < s.out_c; k++)
        for (int64_t tap = 0; tap < taps; tap++)
            for (int64_t c = 0; c < s.filter_c; c++)
                result[size_t((tap * s.filter_c + c) * s.out_c + k)] =
                    filter[size_t((k * taps + tap) * s.filter_c + c)];
    return result;
}

template <class T> Values<T> forward(const Shape& s, const Values<T>& x, const Values<T>& w, unsigned pass) {
    Values<T> packed = outputs_innermost(s, w), y(size_t(s.images * s.out_h * s.out_w * s.out_c));
    s.each(pass, [&](int64_t in, int64_t out, int64_t tap) {
        for (int64_t g = 0; g < s.groups; g++)
            for (int64_t c = 0; c < s.filter_c; c++) {
                const T value = x[size_t(in + g * s.filter_c + c)];
                const T* row = &packed[size_t((tap * s.filter_c + c) * s.out_c + g * s.per_group())];
                T* sums = &y[size_t(out + g * s.per_group())];
                for (int64_t k = 0; k < s.per_group(); k++) sums[k] += value * row[k];
            }
    });
    return y;
}

template <class T> Values<T> backward_data(const Shape& s, const Values<T>& w, const Values<T>& dy, unsigned pass) {
    Values<T> dx(size_t(s.images * s.in_h * s.in_w * s.in_c));
    int64_t taps = s.filter_h * s.filter_w;
    s.each(pass, [&](int64_t in, int64_t out, int64_t tap) {
        for (int64_t k = 0; k < s.out_c; k++) {
            const T value = dy[size_t(out + k)];
            const T* row = &w[size_t((k * taps + tap) * s.filter_c)];
            T* sums = &dx[size_t(in + k / s.per_group() * s.filter_c)];
            for (int64_t c = 0; c < s.filter_c; c++) sums[c] += value * row[c];
        }
    });
    return dx;
}

template <class T> Values<T> backward_filter(const Shape& s, const Values<T>& x, const Values<T>& dy, unsigned pass) {
    Values<T> dw(size_t(s.out_c * s.filter_h * s.filter_w * s.filter_c));
    int64_t taps = s.filter_h * s.filter_w;
    s.each(pass, [&](int64_t in, int64_t out, int64_t tap) {
        for (int64_t k = 0; k < s.out_c; k++) {
            const T value = dy[size_t(out + k)];
            const T* row = &x[size_t(in + k / s.per_group() * s.filter_c)];
            T* sums = &dw[size_t((k * taps + tap) * s.filter_c)];
            for (int64_t c = 0; c < s.filter_c; c++) sums[c] += value * row[c];
        }
    });
    return dw;
}

}

template <class T>
Values<T> convolve(const Operation& operation, const Values<T>& first, const Values<T>& second, unsigned pass) {
    Shape shape(operation);
    switch (operation.kind) {
        case Kind::Forward: return forward(shape, first, second, pass);
        case Kind::BackwardData: return backward_data(shape, first, second, pass);
        default: return backward_filter(shape, first, second, pass);
    }
}

template Values<float> read_tensor<float>(const Tensor&, const void*, bool);
template Values<double> read_tensor<double>(const Tensor&, const void*, bool);
template void write_tensor<float>(const Tensor&, void*, const Values<float>&);
template void write_tensor<double>(const Tensor&, void*, const Values<double>&);
template Values<float> convolve<float>(const Operation&, const Values<float>&, const Values<float>&, unsigned);
template Values<double> convolve<double>(const Operation&, const Values<double>&, const Values<double>&, unsigned);

}
