// Dropout and its random numbers.
#include <doctest/doctest.h>

#include "dropout_operations.h"
#include "test/gemm_problem.h"
#include "test/support.h"

namespace mnist {
namespace {

// Philox4x32-10 as its paper defines it, for one counter of four words.
void philox(uint32_t (&c)[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xd2511f53} * c[0], p1 = uint64_t{0xcd9e8d57} * c[2];
    const uint32_t next[4] = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(p1),
                              static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<uint32_t>(p0)};
    std::copy(next, next + 4, c);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
}

// The first number of a block that is above `last_dropped`: found by the kernel alone.
template <typename T>
bool stays(const KernelSet& set, DropoutMask mask, uint64_t block, size_t element) {
  const T x[4] = {1, 1, 1, 1};
  T out[4];
  set.of<T>().dropout(mask, block, 4, T{1}, x, out);
  return out[element] == 1;
}

}  // namespace

// Random123's known answers for Philox4x32-10: an element stays just where its number is above last_dropped.
TEST_CASE_TEMPLATE("dropout draws the known answers of Philox4x32-10", T, float, double) {
  struct Answer {
    uint64_t block, draw;  // each two words of the counter, the first in the lower half
    uint32_t seed, stream;
    uint32_t words[4];
  };
  const Answer answers[] = {
      {0, 0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {0x85a308d3243f6a88,
       0x0370734413198a2e,
       0xa4093822,
       0x299f31d0,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (const Answer& answer : answers) {
      for (size_t i = 0; i < 4; ++i) {
        const auto mask = [&](uint32_t last_dropped) {
          return DropoutMask{answer.seed, answer.stream, answer.draw, last_dropped};
        };
        CHECK(stays<T>(*set, mask(answer.words[i] - 1), answer.block, i));
        CHECK(!stays<T>(*set, mask(answer.words[i]), answer.block, i));
      }
    }
  }
}

TEST_CASE_TEMPLATE("dropout leaves out the same elements for every size, in place and on any threads", T,
                   float, double) {
  Random random(32);
  const Dropout mask = {0.4, 0xfedcba98, 7, (uint64_t{5} << 32) | 9};
  const double least = std::ceil(mask.rate * 0x1p32);
  std::vector<int64_t> sizes = vector_sizes();
  sizes.insert(sizes.end(), {127, 128, 129, 300, 20'001});
  for (int64_t size : sizes) {
    CAPTURE(size);
    const std::vector<T> x = random_values<T>(random, size, -1, 1);
    std::vector<T> expected(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      uint32_t words[4] = {static_cast<uint32_t>(i / 4), 0, static_cast<uint32_t>(mask.draw),
                           static_cast<uint32_t>(mask.draw >> 32)};
      philox(words, mask.seed, mask.stream);
      expected[i] = words[i % 4] >= least ? x[i] * static_cast<T>(1 / (1 - mask.rate)) : 0;
    }
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      for (int threads : {1, 2, 3}) {
        forget_contention();
        const Guarded<T> from(x, 1);
        Guarded<T> out(size, 1), in_place(x, 3);
        dropout<T>(Device{*set, threads}, mask, size, from.data(), out.data());
        dropout<T>(Device{*set, threads}, mask, size, in_place.data(), in_place.data());
        CHECK((out.intact() && in_place.intact()));
        CHECK(same_bits(out.values(), expected));
        CHECK(same_bits(in_place.values(), expected));
      }
    }
  }
}

TEST_CASE_TEMPLATE("dropout of the rest of something is the rest of its dropout", T, float, double) {
  Random random(33);
  Dropout mask = {0.3, 5, 2, 11};
  const std::vector<T> x = random_values<T>(random, 20'000, -1, 1);
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    std::vector<T> whole(x.size());
    mask.first_block = 0;
    dropout<T>(Device{*set, 2}, mask, 20'000, x.data(), whole.data());
    for (int64_t first : {4, 8, 124, 12'340}) {
      CAPTURE(first);
      std::vector<T> rest(x.size() - static_cast<size_t>(first));
      mask.first_block = static_cast<uint64_t>(first / kDropoutBlock);
      dropout<T>(Device{*set, 2}, mask, 20'000 - first, x.data() + first, rest.data());
      CHECK(same_bits(rest, std::vector<T>(whole.begin() + first, whole.end())));
    }
  }
}

TEST_CASE("dropout at rates next to 0 and just below 1 keeps all and hardly any") {
  const std::vector<float> x(1000, 1);
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    std::vector<float> out(1000, -1);
    dropout<float>(Device{*set, 1}, {0, 1, 1, 1}, 1000, x.data(), out.data());
    CHECK(out == x);
    const FlushDenormals flush;  // as the addon does
    dropout<float>(Device{*set, 1}, {std::numeric_limits<double>::denorm_min(), 1, 1, 1}, 1000, x.data(),
                   out.data());
    CHECK(out == x);
    dropout<float>(Device{*set, 1}, {1 - 0x1p-53, 1, 1, 1}, 1000, x.data(), out.data());
    CHECK(out == std::vector<float>(1000, 0));
  }
}

}  // namespace mnist
