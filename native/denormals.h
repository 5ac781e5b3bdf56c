// What becomes of numbers that are too small for a full precision.
#ifndef MNIST_NATIVE_DENORMALS_H_
#define MNIST_NATIVE_DENORMALS_H_

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace mnist {

// While it lives, the calling thread writes 0 for denormal results, those below 1.2e-38 (2.2e-308 in
// float64). Deltas of a network that has learned nearly all of its examples are that
// small; they change no weight, but an instruction with one of them takes over a hundred cycles on Intel's
// processors. What JavaScript and the rest of the process compute stays as it is.
class FlushDenormals {
 public:
  FlushDenormals() : before_(read()) { write(before_ | kFlush); }
  ~FlushDenormals() { write(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__x86_64__) || defined(_M_X64)
  using State = uint32_t;
  static constexpr State kFlush = 0x8000;
  static State read() { return _mm_getcsr(); }
  static void write(State state) { _mm_setcsr(state); }
#elif defined(__aarch64__)
  // As if memory changed: so no computation on what is read from memory, and written to it, moves past these.
  using State = uint64_t;
  static constexpr State kFlush = uint64_t{1} << 24;  // of inputs as well: there is no other way
  static State read() {
    State state;
    asm volatile("mrs %0, fpcr" : "=r"(state) : : "memory");
    return state;
  }
  static void write(State state) { asm volatile("msr fpcr, %0" : : "r"(state) : "memory"); }
#else
  using State = int;
  static constexpr State kFlush = 0;
  static State read() { return 0; }
  static void write(State) {}
#endif
  const State before_;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_DENORMALS_H_
