// Splitting work over threads: the only file that names OpenMP. Without it everything runs on the calling
// thread.
//
// Work is split over elements of the result, never over a summed dimension, so the number of threads does not
// change a single bit of any result.
#ifndef MNIST_NATIVE_PARALLEL_H_
#define MNIST_NATIVE_PARALLEL_H_

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef __linux__
#include <sched.h>

#include <limits>
#include <string>
#endif

namespace mnist {

inline int64_t nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Notices when other processes keep our threads from running. Then a team loses whole time slices, for work
// that one thread does in microseconds: one waits in vain for another, or both take turns on one processor.
// After such a loss the caller works alone for ten times as long, so that at most about a tenth of the time
// is lost. Every number of threads gives the same bits, so no result changes. Times are in nanoseconds.
class ContentionGovernor {
 public:
  bool allows_team(int64_t now) const { return now >= alone_until_; }

  // After a region that took `elapsed` until `now`, and should have taken `own`. Judged over some
  // milliseconds: a thread that has slept begins on a busy processor, and moves to an idle one after a while.
  void record(int64_t own, int64_t elapsed, int64_t now) {
    own_ += own;
    lost_ += elapsed - own;
    if (own_ + lost_ < kWindow) return;
    if (lost_ > 2 * own_) alone_until_ = now + 10 * lost_;
    own_ = lost_ = 0;
  }

 private:
  static constexpr int64_t kWindow = 10'000'000;
  int64_t alone_until_ = 0, own_ = 0, lost_ = 0;
};

inline thread_local ContentionGovernor governor;

// Runs body(first, last) over parts of [0, n), one for each thread; a part is at least `grain` long, so that
// a small n stays on this thread. The body may throw std::bad_alloc, which reaches the caller, and nothing
// else.
template <typename Body>
void parallel_for(int threads, int64_t n, int64_t grain, const Body& body) {
#ifdef _OPENMP
  const int64_t parts = std::min<int64_t>(threads, n / grain);
  const int64_t start = parts > 1 ? nanoseconds() : 0;
  if (parts > 1 && governor.allows_team(start)) {
    // The parts are nearly equal, so that what the fastest thread took is what all should have taken. The
    // time that each spends on a processor would tell more, but costs a system call.
    int64_t own = INT64_MAX;
    bool lacks_memory = false;
#pragma omp parallel num_threads(static_cast<int>(parts)) reduction(min : own) reduction(|| : lacks_memory)
    {
      const int64_t rank = omp_get_thread_num(), size = omp_get_num_threads();
      const int64_t first = n * rank / size, last = n * (rank + 1) / size;
      const int64_t own_start = nanoseconds();
      try {
        if (first < last) body(first, last);
      } catch (const std::bad_alloc&) {
        lacks_memory = true;  // An exception that left the region would end the process.
      }
      own = nanoseconds() - own_start;
    }
    if (lacks_memory) throw std::bad_alloc();
    const int64_t now = nanoseconds();
    governor.record(own, now - start, now);
    return;
  }
#else
  (void)threads;
  (void)grain;
#endif
  if (n > 0) body(int64_t{0}, n);
}

#ifdef __linux__
// The numbers at the start of a small file; those that are not there stay as they are.
inline void read_numbers(const std::string& path, double* first, double* second) {
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    if (std::fscanf(file, "%lf", first) == 1 && second) (void)!std::fscanf(file, "%lf", second);
    std::fclose(file);
  }
}

// The limit of one control group, in CPUs; infinite where there is none. Version 2 has "quota period" or "max
// period" in cpu.max; version 1 has two files, and a quota of -1 for none.
inline double group_cpu_limit(const std::string& group, bool is_version_2) {
  double quota = -1, period = 0;
  if (is_version_2) {
    read_numbers(group + "/cpu.max", &quota, &period);
  } else {
    read_numbers(group + "/cpu.cfs_quota_us", &quota, nullptr);
    read_numbers(group + "/cpu.cfs_period_us", &period, nullptr);
  }
  return quota > 0 && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

// The CPU time that this process may use, in CPUs: the least limit of its control groups and of those around
// them. In a container the path may be the host's, so that folders are missing; the container's own limit
// then stands at the root. Files are read with C's functions: C++'s streams would add a megabyte to a binary
// that brings its library along.
inline double cpu_limit() {
  double least = std::numeric_limits<double>::infinity();
  std::FILE* groups = std::fopen("/proc/self/cgroup", "re");
  if (!groups) return least;
  char buffer[8192];
  while (std::fgets(buffer, sizeof buffer,
                    groups)) {  // number:controllers:path, in version 2 without controllers
    std::string line = buffer;
    if (!line.empty() && line.back() == '\n') line.pop_back();
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_version_2 = controllers.empty();
    if (!is_version_2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::string root = "/sys/fs/cgroup" + (is_version_2 ? "" : "/" + controllers);
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      least = std::min(least, group_cpu_limit(root + path, is_version_2));
      if (path.rfind('/') == std::string::npos) break;
    }
  }
  std::fclose(groups);
  return least;
}
#endif

// The most threads that an operation may be asked to use.
constexpr int kMostThreads = 1024;

// The CPUs that this process may use, by its affinity and its control groups, or OMP_NUM_THREADS where it is
// set. A part of a CPU counts as one: two threads with one and a half CPUs do more than one thread.
inline int default_threads() {
#ifdef _OPENMP
  if (std::getenv("OMP_NUM_THREADS")) return std::clamp(omp_get_max_threads(), 1, kMostThreads);
  int cpus = omp_get_num_procs();
#ifdef __linux__
  // With places or a binding OpenMP has pinned this thread to its place already, and knows itself how many
  // there are.
  const bool is_bound = std::getenv("OMP_PROC_BIND") || std::getenv("OMP_PLACES");
  cpu_set_t set;
  if (!is_bound && sched_getaffinity(0, sizeof set, &set) == 0) cpus = CPU_COUNT(&set);
  const double limit = std::ceil(cpu_limit());
  if (limit < cpus) cpus = static_cast<int>(limit);
#endif
  return std::clamp(cpus, 1, kMostThreads);
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
