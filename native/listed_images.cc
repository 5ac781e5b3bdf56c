#include "listed_images.h"

#include <algorithm>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "parallel.h"

namespace mnist {
namespace {

// With more ink than this share of all pixels, the dense products are ahead.
constexpr double kMostInk = 0.4;
// Images that a thread lists at a time, at least.
constexpr int64_t kGrain = 64;
// The memory of lists begins at a large page, which spares the processor most of its searches for pages:
// minibatches are drawn from all over it.
constexpr std::align_val_t kLargePage{size_t{2} << 20};

}  // namespace

void ListedImages::FreeInk::operator()(uint16_t* ink) const { ::operator delete(ink, kLargePage); }

ListedImages::ListedImages(int64_t count, int64_t width)
    : count_(count),
      width_(width),
      starts_(new uint32_t[static_cast<size_t>(kHalves * count)]),
      ends_(new uint32_t[static_cast<size_t>(kHalves * count)]),
      ink_counts_(new uint32_t[static_cast<size_t>(kHalves * count)]) {}

int64_t ListedImages::bytes() const {
  return room_ * int64_t{sizeof(uint16_t)} + 3 * kHalves * count_ * int64_t{sizeof(uint32_t)};
}

std::unique_ptr<ListedImages> ListedImages::list(const Device& device, const uint8_t* images, int64_t count,
                                                 int64_t width) {
  if (width > kWidestListed) return nullptr;
  const Kernels<float>& kernels = device.kernels.of<float>();  // Bytes are the same for either type.
  std::unique_ptr<ListedImages> lists(new ListedImages(count, width));
  const auto for_halves = [&](const auto& body) {
    parallel_for(device.threads, count, kGrain, [&](int64_t first, int64_t last) {
      for (int64_t list = kHalves * first; list < kHalves * last; ++list) {
        const int64_t p = first_pixel_of(list % kHalves, width);
        const int64_t pixels = first_pixel_of(list % kHalves + 1, width) - p;
        body(static_cast<size_t>(list), images + list / kHalves * width + p, pixels);
      }
    });
  };
  for_halves([&](size_t list, const uint8_t* bytes, int64_t pixels) {
    lists->ink_counts_[list] = static_cast<uint32_t>(kernels.count_ink(bytes, pixels));
  });
  int64_t total = 0, room = 0;
  for (int64_t list = 0; list < kHalves * count; ++list) {
    const int64_t half = list % kHalves, ink = lists->ink_counts_[static_cast<size_t>(list)];
    lists->starts_[static_cast<size_t>(list)] = static_cast<uint32_t>(room);
    total += ink;
    room += ink + (first_pixel_of(half + 1, width) - first_pixel_of(half, width)) / kLongestStep;
  }
  if (static_cast<double>(total) > kMostInk * static_cast<double>(count * width)) return nullptr;
  if (room > int64_t{UINT32_MAX}) return nullptr;
  const size_t bytes = static_cast<size_t>(room) * sizeof(uint16_t);
  lists->ink_.reset(static_cast<uint16_t*>(::operator new(bytes, kLargePage)));
  lists->room_ = room;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  madvise(lists->ink_.get(), bytes, MADV_HUGEPAGE);  // A wish: without it all is the same, but slower.
#endif
  for_halves([&](size_t list, const uint8_t* image, int64_t pixels) {
    const uint32_t start = lists->starts_[list];
    const int64_t n = kernels.ink_list(image, pixels, lists->ink_.get() + start);
    lists->ends_[list] = start + static_cast<uint32_t>(n);
  });
  return lists;
}

}  // namespace mnist
