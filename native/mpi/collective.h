// MPI without JavaScript: who takes part, and one operation of all ranks at a time, which is started and then
// asked after.
#ifndef MNIST_NATIVE_MPI_COLLECTIVE_H_
#define MNIST_NATIVE_MPI_COLLECTIVE_H_

#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mnist_mpi {

struct Membership {
  int rank, size, local_size;
};

// What the library says of itself; it may be asked before start().
std::string library_version();

// MPI_Init_thread, for calls from this thread only. Throws std::runtime_error, as all functions below do
// where MPI reports an error, or where they are called out of turn: twice, before start(), after finish(), on
// another thread.
Membership start();

// Begins to replace `count` elements by their sums over all ranks, by what rank 0 has, or to gather counts[i]
// bytes from each rank i. The memory must stay where it is until wait() has returned true.
void start_sum(void* data, int count, MPI_Datatype type);
void start_broadcast(void* data, int bytes);
void start_gather(const void* own, void* all, const std::vector<int>& counts);

// Works at the operation until it is done, but for no longer than so many microseconds. Whether it is done.
bool wait(int64_t microseconds);

// This process among all of them.
int own_rank();
// Takes leave of the other ranks; it waits for them. Does nothing without start(), or the second time.
void finish();
// Ends all ranks.
[[noreturn]] void abort(int exit_code);

}  // namespace mnist_mpi

#endif  // MNIST_NATIVE_MPI_COLLECTIVE_H_
