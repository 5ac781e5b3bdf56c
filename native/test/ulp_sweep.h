// Measures functions of one number in ulp, by every kernel set.
#ifndef MNIST_NATIVE_TEST_ULP_SWEEP_H_
#define MNIST_NATIVE_TEST_ULP_SWEEP_H_

#include <doctest/doctest.h>

#include <functional>

#include "test/support.h"

namespace mnist {

// Precise enough to measure T by: 29 more bits for float, 11 for double (none on machines whose long double
// is a double).
template <typename T>
using Reference = std::conditional_t<std::is_same_v<T, float>, double, long double>;

// Feeds numbers to the same function of every kernel set and keeps the largest error of each.
template <typename T>
class Sweep {
 public:
  using Function = std::function<void(int64_t size, const T* x, T* out)>;

  struct Candidate {
    std::string set;
    Function function;
    Reference<T> worst;
    T worst_at, least, most;
  };

  // Errors are measured in ulp of the truth, or of `magnitude` where that is given.
  Sweep(Reference<T> (*truth)(T), const std::function<Function(const KernelSet&)>& function_of,
        Reference<T> (*magnitude)(T) = nullptr)
      : truth_(truth), magnitude_(magnitude) {
    for (const KernelSet* set : kernel_sets_under_test()) {
      candidates_.push_back({set->name, function_of(*set), 0, 0, infinity<T>(), -infinity<T>()});
    }
  }

  void add(T x) {
    x_[count_++] = x;
    if (count_ == kChunk) measure();
  }

  // All functions within `bound` ulp and within [least, most]?
  void check(const std::string& name, Reference<T> bound, T least = -infinity<T>(), T most = infinity<T>()) {
    measure();
    for (const Candidate& candidate : candidates_) {
      MESSAGE(candidate.set, " ", name, ": at most ", static_cast<double>(candidate.worst),
              " ulp, at x = ", candidate.worst_at, ", of ", total_, " numbers");
      CHECK(candidate.worst <= bound);
      CHECK(candidate.least >= least);
      CHECK(candidate.most <= most);
    }
  }

 private:
  static constexpr int64_t kChunk = 2048;

  void measure() {
    Reference<T> truth[kChunk], per_ulp[kChunk];
    for (int64_t i = 0; i < count_; ++i) {
      truth[i] = truth_(x_[i]);
      per_ulp[i] = 1 / ulp_at<T>(magnitude_ ? magnitude_(x_[i]) : truth[i]);
    }
    for (Candidate& candidate : candidates_) {
      candidate.function(count_, x_, out_);
      for (int64_t i = 0; i < count_; ++i) {
        const Reference<T> error = std::fabs(out_[i] - truth[i]) * per_ulp[i];
        if (!(error <= candidate.worst)) {
          candidate.worst = error == error ? error : std::numeric_limits<Reference<T>>::infinity();
          candidate.worst_at = x_[i];
        }
        candidate.least = std::min(candidate.least, out_[i]);
        candidate.most = std::max(candidate.most, out_[i]);
      }
    }
    total_ += count_;
    count_ = 0;
  }

  Reference<T> (*truth_)(T);
  Reference<T> (*magnitude_)(T);
  std::vector<Candidate> candidates_;
  int64_t count_ = 0, total_ = 0;
  T x_[kChunk], out_[kChunk];
};

inline float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Every kSweepStride-th float from 0 to 110 by magnitude, where exp has underflowed and the sigmoid is flat,
// and a thousand times fewer up to the largest.
template <typename Add>
void for_floats(Add add) {
  constexpr uint32_t k110 = 0x42dc0000, kInfinity = 0x7f800000;
  for (uint32_t bits = 0; bits < k110; bits += kSweepStride) add(from_bits(bits));
  for (uint32_t bits = k110; bits < kInfinity; bits += 1000 * kSweepStride) add(from_bits(bits));
  add(std::numeric_limits<float>::max());
}

// Numbers of every exponent, evenly many from 0 to 750, where exp has underflowed, and those at which it
// changes from one power of two to the next: multiples of ln 2 / 2 and their neighbours.
template <typename Add>
void for_doubles(Add add) {
  Random random(7);
  const int64_t of_each_exponent = 1000 / kThinning, even = 1'500'000 / kThinning;
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    add(std::ldexp(1.0, exponent));
    for (int64_t i = 0; i < of_each_exponent; ++i) add(std::ldexp(random.uniform(1, 2), exponent));
  }
  for (int64_t i = 0; i < even; ++i) {
    add(random.uniform(0, 8));
    add(random.uniform(0, 750));
  }
  for (int i = 1; i <= 2200; ++i) {
    double border = i * 0.34657359027997264;  // ln 2 / 2
    for (int step = 0; step < 8; ++step) border = std::nextafter(border, 0.0);
    for (int step = 0; step < 16; ++step) add(border = std::nextafter(border, 1000.0));
  }
  add(std::numeric_limits<double>::max());
}

}  // namespace mnist

#endif  // MNIST_NATIVE_TEST_ULP_SWEEP_H_
