// The calls that gather rows, to be a minibatch.
#ifndef MNIST_NATIVE_ROW_CALLS_H_
#define MNIST_NATIVE_ROW_CALLS_H_

#include "calls.h"

namespace mnist {

// Throws unless `out` is as large as the rows that are gathered from `source`, whole rows of so many
// elements, and apart from both.
template <typename Source, typename T>
void require_gathering(const Arguments& args, View<Source> source, const char* source_name,
                       View<int32_t> rows, int64_t width, View<T> out) {
  const int64_t count = source.size / width;
  args.require_size(source, source_name, count * width);
  args.require_size(out, "out", rows.size * width);
  args.require_disjoint(out, "out", source, source_name);
  args.require_disjoint(out, "out", rows, "rows");
  args.require_rows(rows, count);
}

// gatherImages(out, images, rows, width, scale, offset, threads)
template <typename T>
struct GatherImagesCall {
  static constexpr const char* kName = "gatherImages";
  static void run(Arguments& args) {
    const View<T> out = args.array<T>("out");
    const View<uint8_t> images = args.array<uint8_t>("images");
    const View<int32_t> rows = args.array<int32_t>("rows");
    const int64_t width = args.size("width", 1);
    const double scale = args.number("scale"), offset = args.number("offset");
    const Device device = last_argument(args);
    require_gathering(args, images, "images", rows, width, out);
    gather_rows<T>(device, rows.size, width, images.data, rows.data, static_cast<T>(scale),
                   static_cast<T>(offset), out.data);
  }
};

// gatherRows(x, rows, width, out, threads)
template <typename T>
struct GatherRowsCall {
  static constexpr const char* kName = "gatherRows";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x");
    const View<int32_t> rows = args.array<int32_t>("rows");
    const int64_t width = args.size("width", 1);
    const View<T> out = args.array<T>("out");
    const Device device = last_argument(args);
    require_gathering(args, x, "x", rows, width, out);
    copy_rows<T>(device, rows.size, width, x.data, rows.data, out.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_ROW_CALLS_H_
