// The lists of ink: read back, they are the images.
#include <doctest/doctest.h>

#include "image_layer.h"
#include "listed_images.h"
#include "test/gemm_problem.h"
#include "test/support.h"

namespace mnist {
namespace {

// The images that lists tell of; `is_exact` becomes false where they are not as kernels/ink_lists.h says.
std::vector<uint8_t> decode(const ListedImages& lists, bool& is_exact) {
  std::vector<uint8_t> bytes(static_cast<size_t>(lists.count() * lists.width()), 0);
  int64_t end_before = 0;
  for (int64_t list = 0; list < kHalves * lists.count(); ++list) {
    const int64_t half = list % kHalves, first = first_pixel_of(half, lists.width());
    const int64_t pixels = first_pixel_of(half + 1, lists.width()) - first;
    const int64_t start = lists.starts()[list], end = lists.ends()[list];
    is_exact &= end_before <= start && start <= end;
    end_before = end;
    int64_t p = 0;
    for (int64_t e = start; e < end; ++e) {
      const int64_t byte = lists.ink()[e] >> 8, step = lists.ink()[e] & 255;
      p += step;
      is_exact &= p < pixels && (step > 0 || e == start);
      if (!is_exact) return bytes;
      if (byte == 0) {  // lies between two that are farther apart than one entry can say
        is_exact &= step == kLongestStep && e + 1 < end;
        continue;
      }
      bytes[static_cast<size_t>(list / kHalves * lists.width() + first + p)] = static_cast<uint8_t>(byte);
    }
    // No entry at the end that says nothing.
    is_exact &= start == end || lists.ink()[end - 1] >> 8 != 0;
  }
  is_exact &= lists.bytes() >= end_before * int64_t{sizeof(uint16_t)};
  return bytes;
}

// All that lists say.
std::vector<uint32_t> contents(const ListedImages& lists) {
  const int64_t n = kHalves * lists.count();
  std::vector<uint32_t> all(lists.starts(), lists.starts() + n);
  all.insert(all.end(), lists.ends(), lists.ends() + n);
  for (int64_t list = 0; list < n; ++list) {
    all.insert(all.end(), lists.ink() + lists.starts()[list], lists.ink() + lists.ends()[list]);
  }
  return all;
}

// Lists on several numbers of threads, and compares with the bytes.
void check_lists(const KernelSet& set, const Guarded<uint8_t>& images, int64_t width) {
  const int64_t count = images.size() / width;
  std::vector<uint32_t> alone;
  for (int threads : {1, 2, 3, 5}) {
    if (threads > 1 && count < 128) break;  // There is work for one thread only.
    CAPTURE(threads);
    forget_contention();
    const auto lists = ListedImages::list(Device{set, threads}, images.data(), count, width);
    REQUIRE(lists);
    CHECK(lists->count() == count);
    CHECK(lists->width() == width);
    bool is_exact = true;
    CHECK(decode(*lists, is_exact) == images.values());
    CHECK(is_exact);
    if (threads == 1) alone = contents(*lists);
    CHECK(contents(*lists) == alone);
  }
}

constexpr int64_t kWidths[] = {1, 2, 3, 17, 255, 256, 257, 511, 512, 513, 784, 1021, 3000};

}  // namespace

TEST_CASE("lists of ink, read back, are the images") {
  Random random(51);
  for (int64_t width : kWidths) {
    CAPTURE(width);
    for (double ink : {0.002, 0.05, 0.3}) {
      CAPTURE(ink);
      for (int64_t count : {1, 2, 65, 200}) {
        if (count * width > 200'000) continue;
        CAPTURE(count);
        std::vector<uint8_t> bytes(static_cast<size_t>(count * width), 0);
        // As much ink as that on the whole, but the images have more and less.
        for (int64_t i = 0; i < count; ++i) {
          const double own_ink = i % 4 == 1 ? 2.5 * ink : i % 4 == 2 ? 0 : ink / 2;
          for (int64_t p = 0; p < width; ++p) {
            if (random.uniform(0, 1) >= own_ink) continue;
            bytes[static_cast<size_t>(i * width + p)] = static_cast<uint8_t>(random.integer(1, 255));
          }
        }
        // In a few pixels there may be too much by chance.
        const auto is_ink = [](uint8_t byte) { return byte != 0; };
        if (10 * std::count_if(bytes.begin(), bytes.end(), is_ink) > 3 * count * width) continue;
        const Guarded<uint8_t> images(bytes, random.integer(0, 9));
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          check_lists(*set, images, width);
        }
      }
    }
  }
}

TEST_CASE("lists go over long ways without ink, and over whole halves") {
  for (int64_t width : kWidths) {
    if (width < 17) continue;
    CAPTURE(width);
    // Pairs of pixels at distances around those that one entry, and two, can say; the first and the last of
    // both halves alone.
    std::vector<std::vector<int64_t>> inks = {{}, {0}, {width / 2 - 1}, {width / 2}, {width - 1}};
    for (int64_t distance : {1, 223, 224, 225, 254, 255, 256, 509, 510, 511, 765, 766}) {
      if (distance < width - width / 2) inks.push_back({width / 2, width / 2 + distance});
      if (distance < width / 2) inks.push_back({width / 2 - 1 - distance, width / 2 - 1});
    }
    std::vector<uint8_t> bytes;
    for (const std::vector<int64_t>& ink : inks) {
      std::vector<uint8_t> image(static_cast<size_t>(width), 0);
      for (int64_t p : ink) image[static_cast<size_t>(p)] = static_cast<uint8_t>(1 + p % 255);
      bytes.insert(bytes.end(), image.begin(), image.end());
    }
    const Guarded<uint8_t> images(bytes, 3);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      check_lists(*set, images, width);
    }
  }
}

TEST_CASE("there are no lists where much is ink, but for images of which some are full") {
  constexpr int64_t kWidth = 50, kCount = 140;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int threads : {1, 2}) {
      forget_contention();
      const Device device = {*set, threads};
      Guarded<uint8_t> images(kCount * kWidth);
      images.fill(255);
      CHECK_FALSE(ListedImages::list(device, images.data(), kCount, kWidth));
      std::fill(images.begin(), images.begin() + kCount / 2 * kWidth, uint8_t{0});
      CHECK_FALSE(ListedImages::list(device, images.data(), kCount, kWidth));
      std::fill(images.begin(), images.begin() + kCount * 7 / 10 * kWidth, uint8_t{0});
      const auto lists = ListedImages::list(device, images.data(), kCount, kWidth);
      REQUIRE(lists);
      bool is_exact = true;
      CHECK(decode(*lists, is_exact) == images.values());
      CHECK(is_exact);
    }
  }
}

TEST_CASE("images so wide that 32 bits may not say where an entry is are not listed") {
  const std::vector<uint8_t> blank(static_cast<size_t>(kWidestListed + 1), 0);
  for (const KernelSet* set : kernel_sets_under_test()) {
    CHECK(ListedImages::list(Device{*set, 1}, blank.data(), 1, kWidestListed));
    CHECK_FALSE(ListedImages::list(Device{*set, 1}, blank.data(), 1, kWidestListed + 1));
  }
}

TEST_CASE("there are lists of no images, and of images without ink") {
  const Guarded<uint8_t> nothing(0), blank(std::vector<uint8_t>(3 * 784, 0));
  const Guarded<int32_t> no_rows(0);
  const Guarded<float> weight(std::vector<float>(784 * 16, 1)), out(784 * 16);
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const Device device = {*set, 2};
    const auto none = ListedImages::list(device, nothing.data(), 0, 784);
    REQUIRE(none);
    CHECK(none->count() == 0);
    CHECK(none->width() == 784);
    CHECK(none->bytes() == 0);
    const auto blanks = ListedImages::list(device, blank.data(), 3, 784);
    REQUIRE(blanks);
    for (int64_t list = 0; list < 3 * kHalves; ++list) CHECK(blanks->starts()[list] == blanks->ends()[list]);

    const ImageMatrix<float> x = {nothing.data(), no_rows.data(), 0, 784, 1, 1, none.get()};
    image_linear<float>(device, x, 16, weight.data(), 16, nullptr, Activation::kIdentity, nullptr);
    image_gradient<float>(device, x, 16, nullptr, out.data(), 16);
    CHECK(std::all_of(out.begin(), out.end(), [](float sum) { return sum == 0; }));
    CHECK(out.intact());
  }
}

}  // namespace mnist
