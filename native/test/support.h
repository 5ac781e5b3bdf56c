// What the kernel tests share: the kernel sets to test, guarded memory, random numbers and distances in ulp.
#ifndef MNIST_NATIVE_TEST_SUPPORT_H_
#define MNIST_NATIVE_TEST_SUPPORT_H_

#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "kernels/kernels.h"

#ifndef MNIST_NATIVE_SWEEP_STRIDE
#define MNIST_NATIVE_SWEEP_STRIDE 61
#endif

namespace mnist {

// The sweeps of exp and sigmoid try every kSweepStride-th float; a prime, so that every low bit is met.
constexpr int64_t kSweepStride = MNIST_NATIVE_SWEEP_STRIDE;
// Where a longer stride makes up for sanitizers or an emulator, other large sets of cases are thinned with
// it: every kThinning-th case is run. It is odd, so that the four ways to transpose are all met.
constexpr int64_t kThinning = kSweepStride / 61 | 1;

// The kernels with vectors of 64 bytes, compiled for no particular instruction set (wide_vectors.cc).
extern const KernelSet kWideKernels;

// Every kernel set that this machine can run, and kWideKernels; or the one that MNIST_NATIVE_CPU names.
const std::vector<const KernelSet*>& kernel_sets_under_test();

// For the messages of a failure; doctest prints a char* as an address.
inline std::string name_of(const KernelSet& set) { return set.name; }

// Half the distance from 1 to the next number: the relative error of one rounding.
template <typename T>
constexpr long double kUnitRoundoff = std::numeric_limits<T>::epsilon() / 2.0L;

// The distance of neighbouring T at `value`, which is not 0 for denormals either.
template <typename T, typename Reference>
Reference ulp_at(Reference value) {
  int exponent;
  std::frexp(value, &exponent);
  exponent = std::max(value == 0 ? INT32_MIN : exponent, std::numeric_limits<T>::min_exponent);
  return std::ldexp(Reference{1}, exponent - std::numeric_limits<T>::digits);
}

template <typename T>
T quiet_nan() {
  return std::numeric_limits<T>::quiet_NaN();
}

template <typename T>
T infinity() {
  return std::numeric_limits<T>::infinity();
}

// Numbers that look random and are the same in every run (xorshift64*, Vigna 2016).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}

  uint64_t bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }
  // From `least` to `most`, both included.
  int64_t integer(int64_t least, int64_t most) {
    return least + static_cast<int64_t>((bits() >> 32) % static_cast<uint64_t>(most - least + 1));
  }
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
  }
  template <typename T>
  const T& one_of(const std::vector<T>& values) {
    return values[static_cast<size_t>(integer(0, static_cast<int64_t>(values.size()) - 1))];
  }

 private:
  uint64_t state_;
};

// An array between guards. It begins `offset` elements after a 64-byte boundary, like a view into a larger
// buffer. The guards are bytes 0xff, that is NaN: what a kernel reads outside the array spoils its result,
// what it writes there is found by intact(), and AddressSanitizer stops at either.
class GuardedBytes {
 public:
  GuardedBytes(int64_t size, int64_t offset);
  ~GuardedBytes();
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  bool intact() const;
  unsigned char* begin() const { return begin_; }
  unsigned char* end() const { return begin_ + size_; }

 private:
  void poison_guards() const;

  unsigned char *memory_, *begin_;
  int64_t size_, capacity_;
};

template <typename T>
class Guarded {
 public:
  explicit Guarded(int64_t size, int64_t offset = 0)
      : size_(size), bytes_(size * int64_t{sizeof(T)}, offset * int64_t{sizeof(T)}) {}
  explicit Guarded(const std::vector<T>& values, int64_t offset = 0)
      : Guarded(static_cast<int64_t>(values.size()), offset) {
    std::copy(values.begin(), values.end(), data());
  }

  T* data() const { return reinterpret_cast<T*>(bytes_.begin()); }
  int64_t size() const { return size_; }
  T& operator[](int64_t i) const { return data()[i]; }
  T* begin() const { return data(); }
  T* end() const { return data() + size_; }
  void fill(T value) { std::fill(begin(), end(), value); }
  bool intact() const { return bytes_.intact(); }
  std::vector<T> values() const { return std::vector<T>(begin(), end()); }

 private:
  int64_t size_;
  GuardedBytes bytes_;
};

template <typename T>
std::vector<T> random_values(Random& random, int64_t size, double low, double high) {
  std::vector<T> values(static_cast<size_t>(size));
  for (T& value : values) value = static_cast<T>(random.uniform(low, high));
  return values;
}

// Equal in every bit: NaN equals itself, and 0 differs from -0.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// Equal as numbers, where NaN equals NaN.
template <typename T>
bool same_number(T a, T b) {
  return a == b || (a != a && b != b);
}

// Sizes around the widths of vectors (4, 8, 16 and their doubles), and some that occur in a network.
const std::vector<int64_t>& vector_sizes();

}  // namespace mnist

#endif  // MNIST_NATIVE_TEST_SUPPORT_H_
