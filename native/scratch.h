// Working memory of one thread: aligned to cache lines, grown when needed, freed with its thread.
#ifndef MNIST_NATIVE_SCRATCH_H_
#define MNIST_NATIVE_SCRATCH_H_

#include <cstddef>
#include <new>

namespace mnist {

class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { release(); }

  // Room for `count` values of T. What an earlier call returned is no longer valid.
  template <typename T>
  T* reserve(size_t count) {
    size_t bytes = count * sizeof(T);
    if (bytes > capacity_) {
      release();
      data_ = ::operator new(bytes, kAlignment);
      capacity_ = bytes;
    }
    return static_cast<T*>(data_);
  }

  // Gives back what is more than most operations need.
  void trim() {
    if (capacity_ > kKept) release();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static constexpr size_t kKept = size_t{16} << 20;

  void release() {
    if (data_) ::operator delete(data_, kAlignment);
    data_ = nullptr;
    capacity_ = 0;
  }

  void* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_SCRATCH_H_
