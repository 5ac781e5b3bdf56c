// The first layer on images, against sums in long double.
#include <doctest/doctest.h>

#include "image_layer.h"
#include "test/gemm_problem.h"
#include "test/support.h"

namespace mnist {
namespace {

// Images of which about `ink` of the pixels are not background.
Guarded<uint8_t> draw_images(Random& random, int64_t images, int64_t width, double ink, int64_t offset) {
  std::vector<uint8_t> bytes(static_cast<size_t>(images * width));
  for (uint8_t& byte : bytes) {
    byte = random.uniform(0, 1) < ink ? static_cast<uint8_t>(random.integer(1, 255)) : uint8_t{0};
  }
  return Guarded<uint8_t>(bytes, offset);
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

// The same images with their ink listed, or as they are.
template <typename T>
class MaybeListed {
 public:
  MaybeListed(const KernelSet& set, const ImageMatrix<T>& x, int64_t images, bool is_listed)
      : matrix_(x), starts_(static_cast<size_t>(images + 1)), ink_(static_cast<size_t>(images * x.width)) {
    if (!is_listed) return;
    int64_t end = 0;
    for (int64_t i = 0; i < images; ++i) {
      end += set.of<T>().ink_list(x.images + i * x.width, x.width, ink_.data() + end);
      starts_[static_cast<size_t>(i + 1)] = static_cast<uint32_t>(end);
    }
    matrix_.starts = starts_.data();
    matrix_.ink = ink_.data();
  }
  const ImageMatrix<T>& matrix() const { return matrix_; }

 private:
  ImageMatrix<T> matrix_;
  std::vector<uint32_t> starts_;
  std::vector<uint16_t> ink_;
};

struct Shape {
  int64_t count, width, units;
};

const Shape kShapes[] = {{0, 5, 3},    {1, 1, 1},      {1, 31, 8},     {3, 7, 10},   {2, 33, 17},
                         {5, 64, 50},  {7, 97, 64},    {4, 225, 65},   {65, 40, 4},  {130, 19, 12},
                         {9, 784, 10}, {100, 784, 50}, {70, 784, 130}, {3, 3000, 7}, {2, 65, 1000}};
constexpr double kInks[] = {0, 0.05, 0.2, 0.5, 0.9, 1};
constexpr int64_t kImages = 11;

}  // namespace

TEST_CASE_TEMPLATE("image_linear is the dense product, whatever share of the pixels is background", T, float,
                   double) {
  Random random(41);
  for (const Shape& shape : kShapes) {
    const int64_t count = shape.count, width = shape.width, units = shape.units;
    for (double ink : kInks) {
      const int64_t shift = random.integer(0, 3);
      const Guarded<uint8_t> images = draw_images(random, kImages, width, ink, shift);
      Guarded<int32_t> rows(count, shift);
      for (int32_t& row : rows) row = static_cast<int32_t>(random.integer(0, kImages - 1));
      const int64_t ldw = lines<T>(units);
      const Guarded<T> weight(random_values<T>(random, width * ldw, -1, 1), shift);
      const Guarded<T> bias(random_values<T>(random, units, -1, 1), shift);
      const ImageMatrix<T> images_only = {images.data(), rows.data(), count, width, T{1} / 128, -1};
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        CAPTURE(count);
        CAPTURE(width);
        CAPTURE(units);
        CAPTURE(ink);
        const bool is_listed = random.integer(0, 1);
        CAPTURE(is_listed);
        const MaybeListed<T> listed(*set, images_only, kImages, is_listed);
        const ImageMatrix<T>& x = listed.matrix();
        Guarded<T> out(count * units, shift);
        out.fill(quiet_nan<T>());
        image_linear<T>(Device{*set, 1}, x, units, weight.data(), ldw, bias.data(), Activation::kIdentity,
                        out.data());
        CHECK(out.intact());
        int64_t wrong = 0;
        for (int64_t i = 0; i < count; ++i) {
          for (int64_t j = 0; j < units; ++j) {
            long double sum = bias[j], magnitude = std::abs(sum);
            for (int64_t p = 0; p < width; ++p) {
              const long double w = weight[p * ldw + j];
              sum += pixel(images, rows[i], width, p) * w;
              // Both the product with the bytes and the sum of the weights are rounded.
              magnitude += 3 * std::abs(w);
            }
            const long double bound = static_cast<long double>(width + 4) * kUnitRoundoff<T> * magnitude;
            wrong += !(std::abs(out[i * units + j] - sum) <= bound);
          }
        }
        CHECK(wrong == 0);

        Guarded<T> activated(count * units, shift);
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
      }
    }
  }
}

TEST_CASE_TEMPLATE("image_gradient is the dense product, whatever share of the pixels is background", T,
                   float, double) {
  Random random(42);
  for (const Shape& shape : kShapes) {
    const int64_t count = shape.count, width = shape.width, units = shape.units;
    for (double ink : kInks) {
      const int64_t shift = random.integer(0, 3);
      const Guarded<uint8_t> images = draw_images(random, kImages, width, ink, shift);
      Guarded<int32_t> rows(count, shift);
      for (int32_t& row : rows) row = static_cast<int32_t>(random.integer(0, kImages - 1));
      const Guarded<T> delta(random_values<T>(random, count * units, -1, 1), shift);
      const ImageMatrix<T> images_only = {images.data(), rows.data(), count, width, T{1} / 128, -1};
      const int64_t ldo = lines<T>(units);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        CAPTURE(count);
        CAPTURE(width);
        CAPTURE(units);
        CAPTURE(ink);
        const bool is_listed = random.integer(0, 1);
        CAPTURE(is_listed);
        const MaybeListed<T> listed(*set, images_only, kImages, is_listed);
        Guarded<T> out(width * ldo, shift);
        out.fill(quiet_nan<T>());
        image_gradient<T>(Device{*set, 1}, listed.matrix(), units, delta.data(), out.data(), ldo);
        CHECK(out.intact());
        int64_t wrong = 0;
        for (int64_t e = 0; e < out.size(); ++e) wrong += e % ldo >= units && out[e] == out[e] && out[e] != 0;
        for (int64_t j = 0; j < units; ++j) {
          long double magnitude = 0;
          for (int64_t i = 0; i < count; ++i)
            magnitude += 3 * std::abs(static_cast<long double>(delta[i * units + j]));
          for (int64_t p = 0; p < width; ++p) {
            long double sum = 0;
            for (int64_t i = 0; i < count; ++i) {
              sum += pixel(images, rows[i], width, p) * static_cast<long double>(delta[i * units + j]);
            }
            const long double bound = static_cast<long double>(count + 4) * kUnitRoundoff<T> * magnitude;
            wrong += !(std::abs(out[p * ldo + j] - sum) <= bound);
          }
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE_TEMPLATE("the first layer has the same bits for every number of threads", T, float, double) {
  Random random(43);
  constexpr int64_t kCount = 301, kWidth = 785, kUnits = 51;
  for (double ink : {0.2, 0.95}) {
    const Guarded<uint8_t> images = draw_images(random, kImages, kWidth, ink, 0);
    Guarded<int32_t> rows(kCount);
    for (int32_t& row : rows) row = static_cast<int32_t>(random.integer(0, kImages - 1));
    const int64_t stride = lines<T>(kUnits);
    const std::vector<T> weight = random_values<T>(random, kWidth * stride, -1, 1);
    const std::vector<T> delta = random_values<T>(random, kCount * kUnits, -1, 1);
    const ImageMatrix<T> images_only = {images.data(), rows.data(), kCount, kWidth, T{2} / 255, -1};
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      std::vector<T> activations[3], gradients[3];
      for (int threads = 1; threads <= 3; ++threads) {
        // Lists or none: that makes no difference either, unless there is too much ink for lists at use.
        const MaybeListed<T> listed(*set, images_only, kImages, ink < 0.5 && threads != 2);
        const ImageMatrix<T>& x = listed.matrix();
        Guarded<T> out(kCount * kUnits), gradient(kWidth * stride);
        forget_contention();
        image_linear<T>(Device{*set, threads}, x, kUnits, weight.data(), stride, nullptr,
                        Activation::kSigmoid, out.data());
        image_gradient<T>(Device{*set, threads}, x, kUnits, delta.data(), gradient.data(), stride);
        activations[threads - 1] = out.values();
        gradients[threads - 1] = gradient.values();
      }
      for (int other : {1, 2}) {
        CHECK(same_bits(activations[0], activations[other]));
        CHECK(same_bits(gradients[0], gradients[other]));
      }
    }
  }
}

TEST_CASE_TEMPLATE("a weight that is not a number makes its unit's outputs not a number", T, float, double) {
  Random random(44);
  const Guarded<uint8_t> images = draw_images(random, kImages, 40, 0.2, 0);
  const Guarded<int32_t> rows({0, 1, 2});
  const int64_t ldw = lines<T>(2);
  std::vector<T> weight(static_cast<size_t>(40 * ldw), T{1});
  weight[static_cast<size_t>(5 * ldw)] = quiet_nan<T>();
  const ImageMatrix<T> x = {images.data(), rows.data(), 3, 40, T{1} / 128, -1};
  for (const KernelSet* set : kernel_sets_under_test()) {
    Guarded<T> out(6);
    image_linear<T>(Device{*set, 1}, x, 2, weight.data(), ldw, nullptr, Activation::kSigmoid, out.data());
    for (int64_t i = 0; i < 3; ++i) {
      CHECK(out[2 * i] != out[2 * i]);
      CHECK(out[2 * i + 1] == out[2 * i + 1]);
    }
  }
}

}  // namespace mnist
