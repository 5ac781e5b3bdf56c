// Splitting work over threads: the only file that names OpenMP. Without it everything runs on the calling thread.
//
// Work is split over elements of the result, never over a summed dimension, so the number of threads does not change a
// single bit of any result.
#ifndef MNIST_NATIVE_PARALLEL_H_
#define MNIST_NATIVE_PARALLEL_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <thread>

#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef __linux__
#include <sched.h>
#endif

namespace mnist {

// The threads that run one parallel region.
class Team {
 public:
  Team(int rank, int size) : rank_(rank), size_(size) {}
  int rank() const { return rank_; }
  int size() const { return size_; }

  // Waits until every thread of the team is here.
  void barrier() const {
#ifdef _OPENMP
    if (size_ > 1) {
#pragma omp barrier
    }
#endif
  }

  // This thread's part of [0, n), in multiples of `unit`.
  struct Range {
    int64_t first, last;
  };
  Range part(int64_t n, int64_t unit = 1) const { return part_of(n, unit, rank_, size_); }

  static Range part_of(int64_t n, int64_t unit, int64_t index, int64_t count) {
    int64_t units = (n + unit - 1) / unit;
    return {std::min(n, units * index / count * unit), std::min(n, units * (index + 1) / count * unit)};
  }

 private:
  int rank_, size_;
};

// Runs body(team) on up to `threads` threads. The body must not throw.
template <typename Body>
void run_team(int threads, const Body& body) {
#ifdef _OPENMP
  if (threads > 1) {
#pragma omp parallel num_threads(threads)
    body(Team(omp_get_thread_num(), omp_get_num_threads()));
    return;
  }
#else
  (void)threads;
#endif
  body(Team(0, 1));
}

// Runs body(first, last) over parts of [0, n); a part is at least `grain` long, so that a small n stays on this thread.
template <typename Body>
void parallel_for(int threads, int64_t n, int64_t grain, const Body& body) {
  int64_t useful = std::max<int64_t>(1, n / grain);
  run_team(static_cast<int>(std::min<int64_t>(threads, useful)), [&](const Team& team) {
    Team::Range range = team.part(n);
    if (range.first < range.last) body(range.first, range.last);
  });
}

// The CPUs that this process may use, or OMP_NUM_THREADS where it is set.
inline int default_threads() {
#ifdef _OPENMP
  if (std::getenv("OMP_NUM_THREADS")) return std::max(1, omp_get_max_threads());
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
#else
  return 1;
#endif
}

inline bool parallel_available() {
#ifdef _OPENMP
  return true;
#else
  return false;
#endif
}

}  // namespace mnist

#endif  // MNIST_NATIVE_PARALLEL_H_
