// The ink of a whole set of images, listed once for many passes over them.
#ifndef MNIST_NATIVE_LISTED_IMAGES_H_
#define MNIST_NATIVE_LISTED_IMAGES_H_

#include <cstdint>
#include <memory>

#include "operations.h"

namespace mnist {

// Wider images go through the dense products: what says where an entry is, among those of a minibatch, has 32
// bits.
constexpr int64_t kWidestListed = int64_t{1} << 22;

// Lists of all images, as kernels/ink_lists.h describes them. They cannot be changed, and so need no checks
// when they are used; what they tell of is the images as they were.
class ListedImages {
 public:
  // The lists of `count` images of `width` bytes; null where so much of them is ink that the dense products
  // are quicker, and where they are too wide. Nothing else may write to the images meanwhile. Throws
  // std::bad_alloc.
  static std::unique_ptr<ListedImages> list(const Device& device, const uint8_t* images, int64_t count,
                                            int64_t width);

  ListedImages(const ListedImages&) = delete;
  ListedImages& operator=(const ListedImages&) = delete;

  int64_t count() const { return count_; }
  int64_t width() const { return width_; }
  // Of all memory.
  int64_t bytes() const;
  const uint32_t* starts() const { return starts_.get(); }
  const uint32_t* ends() const { return ends_.get(); }
  const uint16_t* ink() const { return ink_.get(); }
  // The bytes that are not 0 of each half of each image.
  const uint32_t* ink_counts() const { return ink_counts_.get(); }

 private:
  struct FreeInk {
    void operator()(uint16_t* ink) const;
  };

  ListedImages(int64_t count, int64_t width);

  int64_t count_, width_, room_ = 0;
  std::unique_ptr<uint32_t[]> starts_, ends_, ink_counts_;
  std::unique_ptr<uint16_t[], FreeInk> ink_;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_LISTED_IMAGES_H_
