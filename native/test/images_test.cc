// The first layer on images, against sums in long double and against the operations that it replaces.
#include <doctest/doctest.h>

#include <thread>

#include "image_layer.h"
#include "test/gemm_problem.h"
#include "test/support.h"

namespace mnist {
namespace {

constexpr int64_t kImages = 11;

// Images of which about `ink` of the pixels are not background. One is blank, and one has ink nowhere but in
// its last pixel, so that there are long ways without ink.
Guarded<uint8_t> draw_images(Random& random, int64_t width, double ink, int64_t offset) {
  std::vector<uint8_t> bytes(static_cast<size_t>(kImages * width));
  for (uint8_t& byte : bytes) {
    byte = random.uniform(0, 1) < ink ? static_cast<uint8_t>(random.integer(1, 255)) : uint8_t{0};
  }
  if (ink < 0.5) {
    std::fill(bytes.begin(), bytes.begin() + 2 * width, uint8_t{0});
    bytes[static_cast<size_t>(2 * width - 1)] = 255;
  }
  return Guarded<uint8_t>(bytes, offset);
}

std::vector<int32_t> draw_rows(Random& random, int64_t count) {
  std::vector<int32_t> rows(static_cast<size_t>(count));
  for (int32_t& row : rows) row = static_cast<int32_t>(random.integer(0, kImages - 1));
  return rows;
}

// x[i, p], as a number without rounding errors, when scale and offset are powers of two.
long double pixel(const Guarded<uint8_t>& images, int64_t row, int64_t width, int64_t p) {
  return images[row * width + p] / 128.0L - 1;
}

// A leading dimension for so many units.
template <typename T>
int64_t lines(int64_t units) {
  const int64_t line = kLineBytes / static_cast<int64_t>(sizeof(T));
  return (units + line - 1) / line * line;
}

// [rows, stride] of which n columns count; `padding` stands behind them.
template <typename T>
std::vector<T> random_matrix(Random& random, int64_t rows, int64_t n, int64_t stride, T padding) {
  std::vector<T> values = random_values<T>(random, rows * stride, -1, 1);
  for (int64_t e = 0; e < rows * stride; ++e) {
    if (e % stride >= n) values[static_cast<size_t>(e)] = padding;
  }
  return values;
}

// Working memory belongs to a thread and only grows. On a new thread it is as large as the operation asks
// for, so that AddressSanitizer sees what lies beyond.
template <typename Body>
void on_new_thread(const Body& body) {
  std::thread(body).join();
}

// Calls body(x) with the images as they are and, if there is not too much ink, with their ink listed.
template <typename T, typename Body>
void with_and_without_lists(const KernelSet& set, const ImageMatrix<T>& images, const Body& body) {
  body(images);
  const auto lists = ListedImages::list(Device{set, 1}, images.images, kImages, images.width);
  if (!lists) return;
  ImageMatrix<T> listed = images;
  listed.lists = lists.get();
  body(listed);
}

// Whether a multiplication and an addition round once together: then a set has other bits than those where
// each rounds.
bool is_fused(const KernelSet& set) {
  const float x = 1 + 0x1p-12f;
  float parameter = 1 + 0x1p-11f;  // x * x without its last bit
  set.f32.sgd_update(1, x, &x, &parameter);
  return parameter != 0;
}

struct Shape {
  int64_t count, width, units;
};

// Widths around those of bytes and of halves; units around vectors and panels; images around the number that
// go together (128 in a gradient, 512 where they are listed at use).
const Shape kShapes[] = {{0, 5, 3},    {1, 1, 1},     {3, 2, 5},      {2, 3, 16},   {1, 31, 8},
                         {3, 7, 10},   {2, 33, 17},   {5, 64, 50},    {7, 97, 64},  {4, 225, 65},
                         {65, 40, 4},  {130, 19, 12}, {3, 255, 33},   {2, 256, 20}, {3, 257, 66},
                         {2, 511, 9},  {2, 512, 128}, {2, 513, 10},   {127, 9, 6},  {128, 5, 33},
                         {129, 6, 7},  {255, 3, 3},   {256, 4, 4},    {257, 2, 18}, {520, 3, 2},
                         {9, 784, 10}, {60, 784, 50}, {30, 784, 130}, {3, 3000, 7}, {2, 65, 1000}};
// The first is a pixel here and there.
constexpr double kInks[] = {0.002, 0.05, 0.2, 0.5, 0.9, 1};

// Calls body(shape, ink) for all shapes; where sanitizers make tests slow, each has not all of the shares of
// ink.
template <typename Body>
void for_shapes(const Body& body) {
  int64_t index = 0;
  for (const Shape& shape : kShapes) {
    CAPTURE(shape.count);
    CAPTURE(shape.width);
    CAPTURE(shape.units);
    for (double ink : kInks) {
      if (index++ % std::min<int64_t>(kThinning, 5) != 0) continue;
      CAPTURE(ink);
      body(shape, ink);
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("image_linear is the dense product, whatever share of the pixels is background", T, float,
                   double) {
  Random random(41);
  for_shapes([&](const Shape& shape, double ink) {
    const auto [count, width, units] = shape;
    const int64_t shift = random.integer(0, 3), ldw = lines<T>(units);
    const Guarded<uint8_t> images = draw_images(random, width, ink, shift);
    const Guarded<int32_t> rows(draw_rows(random, count), shift);
    // What stands behind the units has no part in the result.
    const Guarded<T> weight(random_matrix<T>(random, width, units, ldw, quiet_nan<T>()), shift);
    const Guarded<T> bias(random_values<T>(random, units, -1, 1), shift);
    std::vector<long double> sums(static_cast<size_t>(count * units)), magnitudes(static_cast<size_t>(units));
    for (int64_t j = 0; j < units; ++j) {
      magnitudes[static_cast<size_t>(j)] = std::abs(bias[j]);
      for (int64_t p = 0; p < width; ++p) {
        // Both the product with the bytes and the sum of the weights are rounded.
        magnitudes[static_cast<size_t>(j)] += 3 * std::abs(static_cast<long double>(weight[p * ldw + j]));
      }
    }
    for (int64_t i = 0; i < count; ++i) {
      long double* const row = sums.data() + i * units;
      std::copy(bias.begin(), bias.end(), row);
      for (int64_t p = 0; p < width; ++p) {
        const long double value = pixel(images, rows[i], width, p);
        for (int64_t j = 0; j < units; ++j) row[j] += value * weight[p * ldw + j];
      }
    }
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      const ImageMatrix<T> unlisted = {images.data(), rows.data(), count, width, T{1} / 128, -1};
      with_and_without_lists<T>(*set, unlisted, [&](const ImageMatrix<T>& x) {
        const bool is_listed = x.lists != nullptr;
        CAPTURE(is_listed);
        Guarded<T> out(count * units, shift), activated(count * units, shift);
        out.fill(quiet_nan<T>());
        on_new_thread([&] {
          image_linear<T>(Device{*set, 1}, x, units, weight.data(), ldw, bias.data(), Activation::kIdentity,
                          out.data());
        });
        CHECK(out.intact());
        int64_t wrong = 0;
        for (int64_t e = 0; e < out.size(); ++e) {
          const long double bound = static_cast<long double>(width + 4) * kUnitRoundoff<T> *
                                    magnitudes[static_cast<size_t>(e % units)];
          wrong += !(std::abs(out[e] - sums[static_cast<size_t>(e)]) <= bound);
        }
        CHECK(wrong == 0);

        image_linear<T>(Device{*set, 1}, x, units, weight.data(), ldw, nullptr, Activation::kSigmoid,
                        activated.data());
        image_linear<T>(Device{*set, 1}, x, units, weight.data(), ldw, nullptr, Activation::kIdentity,
                        out.data());
        CHECK(activated.intact());
        wrong = 0;
        for (int64_t e = 0; e < out.size(); ++e) {
          const long double wanted = 1 / (1 + std::exp(-static_cast<long double>(out[e])));
          wrong += !(std::abs(activated[e] - wanted) <= 4 * ulp_at<T>(wanted));
        }
        CHECK(wrong == 0);
      });
    }
  });
}

TEST_CASE_TEMPLATE("image_gradient is the dense product, whatever share of the pixels is background", T,
                   float, double) {
  Random random(42);
  for_shapes([&](const Shape& shape, double ink) {
    const auto [count, width, units] = shape;
    const int64_t shift = random.integer(0, 3), ldo = lines<T>(units);
    const Guarded<uint8_t> images = draw_images(random, width, ink, shift);
    const Guarded<int32_t> rows(draw_rows(random, count), shift);
    const Guarded<T> delta(random_values<T>(random, count * units, -1, 1), shift);
    std::vector<long double> sums(static_cast<size_t>(width * units)), magnitudes(static_cast<size_t>(units));
    for (int64_t i = 0; i < count; ++i) {
      const T* const row = delta.data() + i * units;
      for (int64_t j = 0; j < units; ++j)
        magnitudes[static_cast<size_t>(j)] += 3 * std::abs(static_cast<long double>(row[j]));
      for (int64_t p = 0; p < width; ++p) {
        const long double value = pixel(images, rows[i], width, p);
        for (int64_t j = 0; j < units; ++j) sums[static_cast<size_t>(p * units + j)] += value * row[j];
      }
    }
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      const ImageMatrix<T> unlisted = {images.data(), rows.data(), count, width, T{1} / 128, -1};
      with_and_without_lists<T>(*set, unlisted, [&](const ImageMatrix<T>& x) {
        const bool is_listed = x.lists != nullptr;
        CAPTURE(is_listed);
        constexpr T kBefore = 7;
        Guarded<T> out(width * ldo, shift);
        out.fill(kBefore);
        on_new_thread([&] { image_gradient<T>(Device{*set, 1}, x, units, delta.data(), out.data(), ldo); });
        CHECK(out.intact());
        int64_t wrong = 0;
        for (int64_t e = 0; e < out.size(); ++e) {
          const int64_t p = e / ldo, j = e % ldo;
          if (j >= units) {
            wrong += out[e] != 0 && out[e] != kBefore;
            continue;
          }
          const long double bound =
              static_cast<long double>(count + 4) * kUnitRoundoff<T> * magnitudes[static_cast<size_t>(j)];
          wrong += !(std::abs(out[e] - sums[static_cast<size_t>(p * units + j)]) <= bound);
        }
        CHECK(wrong == 0);
      });
    }
  });
}

TEST_CASE_TEMPLATE("image_descent has the bits of image_gradient, column_sums and sgd_update", T, float,
                   double) {
  Random random(45);
  for_shapes([&](const Shape& shape, double ink) {
    const auto [count, width, units] = shape;
    const int64_t shift = random.integer(0, 3), ldw = lines<T>(units);
    const Guarded<uint8_t> images = draw_images(random, width, ink, shift);
    const Guarded<int32_t> rows(draw_rows(random, count), shift);
    const Guarded<T> delta(random_values<T>(random, count * units, -1, 1), shift);
    const std::vector<T> weight = random_matrix<T>(random, width, units, ldw, T{0});
    const std::vector<T> bias = random_values<T>(random, units, -1, 1);
    const T rate = static_cast<T>(0.3);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      // A scale that is no power of two, so that a product with it rounds.
      const ImageMatrix<T> unlisted = {images.data(), rows.data(), count,
                                       width,         T{2} / 255,  static_cast<T>(-0.9)};
      with_and_without_lists<T>(*set, unlisted, [&](const ImageMatrix<T>& x) {
        const bool is_listed = x.lists != nullptr;
        CAPTURE(is_listed);
        const Device device = {*set, 1};
        std::vector<T> wanted = weight, wanted_bias = bias;
        std::vector<T> gradient(weight.size()), sums(bias.size());
        image_gradient<T>(device, x, units, delta.data(), gradient.data(), ldw);
        column_sums<T>(device, count, units, delta.data(), T{1}, sums.data());
        sgd_update<T>(device, width * ldw, rate, gradient.data(), wanted.data());
        sgd_update<T>(device, units, rate, sums.data(), wanted_bias.data());

        Guarded<T> descended(weight, shift), descended_bias(bias, shift);
        on_new_thread([&] {
          image_descent<T>(device, x, units, delta.data(), rate, descended.data(), ldw,
                           descended_bias.data());
        });
        CHECK(descended.intact());
        CHECK(descended_bias.intact());
        CHECK(same_bits(descended.values(), wanted));
        CHECK(same_bits(descended_bias.values(), wanted_bias));
        CHECK((count == 0) == same_bits(descended_bias.values(), bias));
        int64_t not_zero = 0;
        for (int64_t e = 0; e < descended.size(); ++e) {
          not_zero += e % ldw >= units && (descended[e] != 0 || std::signbit(descended[e]));
        }
        CHECK(not_zero == 0);
      });
    }
  });
}

TEST_CASE_TEMPLATE("without units there is nothing to do", T, float, double) {
  const Guarded<uint8_t> images(std::vector<uint8_t>(kImages * 5, uint8_t{1}));
  const Guarded<int32_t> rows(std::vector<int32_t>{3, 4});
  const ImageMatrix<T> x = {images.data(), rows.data(), 2, 5, 1, 0};
  const Guarded<T> nothing(0);
  for (const KernelSet* set : kernel_sets_under_test()) {
    const Device device = {*set, 2};
    image_linear<T>(device, x, 0, nothing.data(), 0, nothing.data(), Activation::kSigmoid, nothing.data());
    image_gradient<T>(device, x, 0, nothing.data(), nothing.data(), 0);
    image_descent<T>(device, x, 0, nothing.data(), T{1}, nothing.data(), 0, nothing.data());
    CHECK(nothing.intact());
  }
}

TEST_CASE_TEMPLATE(
    "the first layer has the same bits for every number of threads, with lists and without, and "
    "on all kernel sets that round alike",
    T, float, double) {
  struct Results {
    std::vector<T> out, gradient, weight, bias;
    bool operator==(const Results& other) const {
      return same_bits(out, other.out) && same_bits(gradient, other.gradient) &&
             same_bits(weight, other.weight) && same_bits(bias, other.bias);
    }
  };
  struct Case {
    Shape shape;
    double ink;
  };
  // Each is large enough for a second thread. With more ink the dense product computes all but what is
  // listed.
  const Case cases[] = {{{127, 257, 17}, 0.2},  {{128, 785, 20}, 0.2}, {{129, 513, 10}, 0.1},
                        {{255, 155, 9}, 0.3},   {{256, 384, 10}, 0.2}, {{257, 101, 33}, 0.2},
                        {{40, 3000, 7}, 0.004}, {{4, 100, 1000}, 0.2}, {{520, 211, 3}, 0.1},
                        {{130, 301, 20}, 0.95}};
  Random random(43);
  for (const auto& [shape, ink] : cases) {
    const auto [count, width, units] = shape;
    CAPTURE(count);
    CAPTURE(width);
    CAPTURE(units);
    REQUIRE(count * width * units >= 300'000);
    const int64_t stride = lines<T>(units);
    const Guarded<uint8_t> images = draw_images(random, width, ink, 0);
    const Guarded<int32_t> rows(draw_rows(random, count));
    const std::vector<T> weight = random_matrix<T>(random, width, units, stride, T{0});
    const std::vector<T> bias = random_values<T>(random, units, -1, 1);
    const std::vector<T> delta = random_values<T>(random, count * units, -1, 1);
    std::vector<Results> first_of_rounding(2);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      Results alone;
      const ImageMatrix<T> unlisted = {images.data(), rows.data(), count, width, T{2} / 255, -1};
      with_and_without_lists<T>(*set, unlisted, [&](const ImageMatrix<T>& x) {
        const bool is_listed = x.lists != nullptr;
        CAPTURE(is_listed);
        for (int threads : {1, 2, 3, 5}) {
          CAPTURE(threads);
          const Device device = {*set, threads};
          Guarded<T> out(count * units), gradient(width * stride), descended(weight), descended_bias(bias);
          gradient.fill(T{0});
          on_new_thread([&] {
            image_linear<T>(device, x, units, weight.data(), stride, bias.data(), Activation::kSigmoid,
                            out.data());
          });
          on_new_thread([&] { image_gradient<T>(device, x, units, delta.data(), gradient.data(), stride); });
          on_new_thread([&] {
            image_descent<T>(device, x, units, delta.data(), T{0.5}, descended.data(), stride,
                             descended_bias.data());
          });
          CHECK(out.intact());
          CHECK(gradient.intact());
          CHECK(descended.intact());
          CHECK(descended_bias.intact());
          Results results = {out.values(), gradient.values(), descended.values(), descended_bias.values()};
          if (alone.out.empty())
            alone = std::move(results);
          else
            CHECK(results == alone);
        }
      });
      if (ink > 0.5) continue;  // The dense product sums in an order that is for the width of the vectors.
      Results& same_rounding = first_of_rounding[is_fused(*set)];
      if (same_rounding.out.empty())
        same_rounding = std::move(alone);
      else
        CHECK(alone == same_rounding);
    }
  }
}

TEST_CASE_TEMPLATE("a weight that is not a number makes its unit's outputs not a number", T, float, double) {
  Random random(44);
  const Guarded<uint8_t> images = draw_images(random, 40, 0.2, 0);
  const Guarded<int32_t> rows(std::vector<int32_t>{0, 1, 2});
  const int64_t ldw = lines<T>(2);
  std::vector<T> weight(static_cast<size_t>(40 * ldw), T{1});
  weight[static_cast<size_t>(5 * ldw)] = quiet_nan<T>();
  const ImageMatrix<T> unlisted = {images.data(), rows.data(), 3, 40, T{1} / 128, -1};
  for (const KernelSet* set : kernel_sets_under_test()) {
    with_and_without_lists<T>(*set, unlisted, [&](const ImageMatrix<T>& x) {
      Guarded<T> out(6);
      image_linear<T>(Device{*set, 1}, x, 2, weight.data(), ldw, nullptr, Activation::kSigmoid, out.data());
      for (int64_t i = 0; i < 3; ++i) {
        CHECK(out[2 * i] != out[2 * i]);
        CHECK(out[2 * i + 1] == out[2 * i + 1]);
      }
    });
  }
}

}  // namespace mnist
