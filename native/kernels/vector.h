// A fixed-width vector of float or double, over the compiler's vector extensions (GCC, Clang).
//
// Compiled once for each instruction set: the including file defines KERNEL_ISA (a namespace), KERNEL_VECTOR_BYTES and
// KERNEL_REGISTERS (the number of vector registers).
#ifndef MNIST_NATIVE_KERNELS_VECTOR_H_
#define MNIST_NATIVE_KERNELS_VECTOR_H_

#ifndef KERNEL_ISA
#error "Include this header from a file that defines KERNEL_ISA."
#endif

#include <stdint.h>
#include <string.h>

namespace mnist {
namespace KERNEL_ISA {

constexpr int64_t kVectorBytes = KERNEL_VECTOR_BYTES;
constexpr int kRegisters = KERNEL_REGISTERS;

template <typename T>
struct VectorTypes;

template <>
struct VectorTypes<float> {
  typedef float Value __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef float Unaligned __attribute__((vector_size(KERNEL_VECTOR_BYTES), aligned(4), may_alias));
  typedef uint32_t Bits __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef uint8_t Bytes __attribute__((vector_size(KERNEL_VECTOR_BYTES / 4)));
  typedef uint8_t UnalignedBytes __attribute__((vector_size(KERNEL_VECTOR_BYTES / 4), aligned(1), may_alias));
  typedef int32_t Integers __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
};

template <>
struct VectorTypes<double> {
  typedef double Value __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef double Unaligned __attribute__((vector_size(KERNEL_VECTOR_BYTES), aligned(8), may_alias));
  typedef uint64_t Bits __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef uint8_t Bytes __attribute__((vector_size(KERNEL_VECTOR_BYTES / 8)));
  typedef uint8_t UnalignedBytes __attribute__((vector_size(KERNEL_VECTOR_BYTES / 8), aligned(1), may_alias));
  typedef int32_t Integers __attribute__((vector_size(KERNEL_VECTOR_BYTES / 2)));
};

template <typename T>
using Vector = typename VectorTypes<T>::Value;

template <typename T>
constexpr int64_t kLanes = kVectorBytes / static_cast<int64_t>(sizeof(T));

template <typename T>
inline Vector<T> load(const T* p) {
  return *reinterpret_cast<const typename VectorTypes<T>::Unaligned*>(p);
}

template <typename T>
inline void store(T* p, Vector<T> v) {
  *reinterpret_cast<typename VectorTypes<T>::Unaligned*>(p) = v;
}

// The first `count` lanes from memory, zeros behind them.
template <typename T>
inline Vector<T> load_partial(const T* p, int64_t count) {
  T lanes[kLanes<T>] = {};
  memcpy(lanes, p, static_cast<size_t>(count) * sizeof(T));
  return load(lanes);
}

template <typename T>
inline void store_partial(T* p, Vector<T> v, int64_t count) {
  T lanes[kLanes<T>];
  store(lanes, v);
  memcpy(p, lanes, static_cast<size_t>(count) * sizeof(T));
}

template <typename T>
inline Vector<T> broadcast(T value) {
  return value - Vector<T>{};  // x - 0 is x for every x, NaN and -0 included
}

// Lane by lane: condition ? yes : no.
template <typename T, typename Mask>
inline Vector<T> select(Mask condition, Vector<T> yes, Vector<T> no) {
  return condition ? yes : no;
}

// kLanes<T> bytes, converted.
template <typename T>
inline Vector<T> load_bytes(const uint8_t* p) {
  using Types = VectorTypes<T>;
  typename Types::Bytes bytes = *reinterpret_cast<const typename Types::UnalignedBytes*>(p);
  return __builtin_convertvector(__builtin_convertvector(bytes, typename Types::Integers), Vector<T>);
}

// Applies `body(first_index, lanes)` to [0, size) in whole vectors, then once to the rest with fewer lanes.
template <typename T, typename Whole, typename Rest>
inline void for_each_vector(int64_t size, Whole whole, Rest rest) {
  int64_t i = 0;
  for (; i + kLanes<T> <= size; i += kLanes<T>) whole(i);
  if (i < size) rest(i, size - i);
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_VECTOR_H_
