// A matrix product to test: its arrays, its result by definition, and the comparison of the two.
#ifndef MNIST_NATIVE_TEST_GEMM_PROBLEM_H_
#define MNIST_NATIVE_TEST_GEMM_PROBLEM_H_

#include <sstream>

#include "operations.h"
#include "parallel.h"
#include "test/support.h"

namespace mnist {

struct GemmShape {
  int64_t m, n, k;
};

struct GemmOptions {
  bool transpose_a = false, transpose_b = false;
  double alpha = 1, beta = 0;
  bool bias = false;
  Activation activation = Activation::kIdentity;
  int64_t offset = 0;  // of every array, in elements, from a 64-byte boundary
  int64_t padding_a = 0, padding_b = 0, padding_c = 0;  // elements behind each stored row
};

// On a busy machine an operation may work alone for a while, whatever number of threads it is given. A test
// of threads wants them nevertheless.
inline void forget_contention() { governor = ContentionGovernor(); }

// What `activation` makes of x, in the precision of Reference.
template <typename Reference>
Reference activate(Activation activation, Reference x) {
  if (activation == Activation::kIdentity) return x;
  if (x >= 0) return 1 / (1 + std::exp(-x));
  Reference e = std::exp(x);
  return e / (1 + e);
}

template <typename T>
class GemmProblem {
 public:
  // `draw()` gives the elements. What must not be read, or have no part in the result, is NaN: C where beta =
  // 0, A and B where alpha = 0, and what stands behind the rows.
  template <typename Draw>
  GemmProblem(GemmShape shape, GemmOptions options, Draw draw)
      : shape_(shape),
        options_(options),
        lda_((options.transpose_a ? shape.m : shape.k) + options.padding_a),
        ldb_((options.transpose_b ? shape.k : shape.n) + options.padding_b),
        ldc_(shape.n + options.padding_c),
        a_((options.transpose_a ? shape.k : shape.m) * lda_, options.offset),
        b_((options.transpose_b ? shape.n : shape.k) * ldb_, options.offset),
        c_(shape.m * ldc_, options.offset),
        bias_(shape.n, options.offset),
        result_(shape.m * ldc_, options.offset) {
    for (const Guarded<T>* matrix : {&a_, &b_, &c_})
      std::fill(matrix->begin(), matrix->end(), quiet_nan<T>());
    for_each_element(shape.m, options.alpha == 0 ? 0 : shape.k,
                     [&](int64_t i, int64_t p) { a(i, p) = draw(); });
    for_each_element(options.alpha == 0 ? 0 : shape.k, shape.n,
                     [&](int64_t p, int64_t j) { b(p, j) = draw(); });
    for_each_element(options.beta == 0 ? 0 : shape.m, shape.n,
                     [&](int64_t i, int64_t j) { c(i, j) = draw(); });
    for (T& value : bias_) value = draw();
  }

  T& a(int64_t i, int64_t p) { return a_[options_.transpose_a ? p * lda_ + i : i * lda_ + p]; }
  T& b(int64_t p, int64_t j) { return b_[options_.transpose_b ? j * ldb_ + p : p * ldb_ + j]; }
  T& c(int64_t i, int64_t j) { return c_[i * ldc_ + j]; }
  T& bias(int64_t j) { return bias_[j]; }
  // [m, n], without what stands behind its rows.
  std::vector<T> result() const {
    std::vector<T> values;
    for_each_element(shape_.m, shape_.n,
                     [&](int64_t i, int64_t j) { values.push_back(result_[i * ldc_ + j]); });
    return values;
  }

  // Computes result() by the operation; false if anything outside of it was written.
  bool run(const KernelSet& set, int threads) {
    std::copy(c_.begin(), c_.end(), result_.begin());
    forget_contention();
    gemm<T>(Device{set, threads},
            {options_.transpose_a, options_.transpose_b, shape_.m, shape_.n, shape_.k,
             static_cast<T>(options_.alpha), a_.data(), lda_, b_.data(), ldb_, static_cast<T>(options_.beta),
             result_.data(), ldc_, options_.bias ? bias_.data() : nullptr, options_.activation});
    bool is_padding_intact = true;
    for_each_element(shape_.m, options_.padding_c, [&](int64_t i, int64_t j) {
      is_padding_intact &=
          memcmp(&result_[i * ldc_ + shape_.n + j], &c_[i * ldc_ + shape_.n + j], sizeof(T)) == 0;
    });
    return is_padding_intact && result_.intact() && a_.intact() && b_.intact() && bias_.intact();
  }

  // alpha * op(A) op(B) + beta * C + bias by definition, and with `magnitudes` the same of the absolute
  // values.
  template <typename Reference>
  std::vector<Reference> expected(bool magnitudes = false) {
    const auto [m, n, k] = shape_;
    auto value = [=](T x) { return magnitudes ? std::fabs(Reference{x}) : Reference{x}; };
    std::vector<Reference> sums(static_cast<size_t>(m * n), 0), b_row(static_cast<size_t>(n));
    for (int64_t p = 0; p < k && options_.alpha != 0; ++p) {
      for (int64_t j = 0; j < n; ++j) b_row[static_cast<size_t>(j)] = value(b(p, j));
      for (int64_t i = 0; i < m; ++i) {
        const Reference a_element = value(a(i, p));
        Reference* row = sums.data() + i * n;
        for (int64_t j = 0; j < n; ++j) row[j] += a_element * b_row[static_cast<size_t>(j)];
      }
    }
    const T alpha = value(static_cast<T>(options_.alpha)), beta = value(static_cast<T>(options_.beta));
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        Reference& x = sums[static_cast<size_t>(i * n + j)];
        x *= alpha;
        if (beta != 0) x += beta * value(c(i, j));
        if (options_.bias) x += value(bias(j));
      }
    }
    return sums;
  }

  // Where result() differs first from activation(x) by more than tolerance(x, index); "" if nowhere.
  template <typename Reference, typename Tolerance>
  std::string first_difference(const std::vector<Reference>& x, Tolerance tolerance) const {
    for (int64_t index = 0; index < shape_.m * shape_.n; ++index) {
      const Reference reference = x[static_cast<size_t>(index)];
      const Reference expected = activate(options_.activation, reference);
      const Reference got = result_[index / shape_.n * ldc_ + index % shape_.n];
      if (same_number(got, expected)) continue;
      if (!(std::fabs(got - expected) <= tolerance(reference, index))) {
        std::ostringstream text;
        text.precision(21);
        text << "C(" << index / shape_.n << ", " << index % shape_.n << ") = " << got << ", expected "
             << expected;
        return text.str();
      }
    }
    return "";
  }

 private:
  template <typename Body>
  static void for_each_element(int64_t rows, int64_t columns, const Body& body) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) body(i, j);
    }
  }

  GemmShape shape_;
  GemmOptions options_;
  int64_t lda_, ldb_, ldc_;
  Guarded<T> a_, b_, c_, bias_, result_;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_TEST_GEMM_PROBLEM_H_
