// What a step of an optimizer is told. UPDATE_RULES of src/backend/operations/updates.ts has the rules in
// this order, with their formulas.
#ifndef MNIST_NATIVE_KERNELS_UPDATE_RULES_H_
#define MNIST_NATIVE_KERNELS_UPDATE_RULES_H_

#include <stdint.h>

namespace mnist {

enum class UpdateRule { kDescent, kMomentum, kNesterov, kRmsprop, kAdagrad, kAdam, kNadam, kLion };
constexpr int64_t kUpdateRules = 8;

// Whether a rule keeps a running mean, or sum, of gradients.
constexpr bool has_first(UpdateRule rule) {
  return rule != UpdateRule::kDescent && rule != UpdateRule::kRmsprop && rule != UpdateRule::kAdagrad;
}

// Whether it keeps one of their squares.
constexpr bool has_second(UpdateRule rule) {
  return rule == UpdateRule::kRmsprop || rule == UpdateRule::kAdagrad || rule == UpdateRule::kAdam ||
         rule == UpdateRule::kNadam;
}

// UPDATE_COEFFICIENTS of the same file, in its order. Which of them a rule reads is said there.
constexpr int64_t kUpdateCoefficients = 6;
template <typename T>
struct UpdateCoefficients {
  T step, first_share, second_share, root_scale, epsilon, first_weight;
};

template <typename T>
struct Update {
  UpdateRule rule;
  int64_t size;
  T* parameter;
  const T* gradient;
  T *first, *second;  // null where the rule has none
  UpdateCoefficients<T> coefficients;
  // The gradient is multiplied by gradient_scale and then limited to [-clip, clip]; the parameter loses its
  // `decay`th part before the step.
  T gradient_scale, clip, decay;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_UPDATE_RULES_H_
