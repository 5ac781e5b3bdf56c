#!/bin/sh
# Builds and runs the C++ tests of native/ in one configuration: release (the default), sanitize or aarch64.
#
#   release   optimized, as the addon is built
#   sanitize  Debug with asserts, AddressSanitizer and UndefinedBehaviorSanitizer
#   aarch64   optimized for 64-bit Arm and run by qemu-aarch64 (on Debian: apt install g++-aarch64-linux-gnu qemu-user)
#
# Each has a folder of its own in native/build. Further arguments go to CMake, for example -DMNIST_NATIVE_SWEEP_STRIDE=1.
set -eu

cd "$(dirname "$0")/.."
configuration=${1:-release}
[ $# -eq 0 ] || shift
folder=native/build/tests-$configuration

case $configuration in
  release) set -- -DCMAKE_BUILD_TYPE=Release "$@" ;;
  sanitize) set -- -DCMAKE_BUILD_TYPE=Debug -DMNIST_NATIVE_SANITIZE=ON "$@" ;;
  aarch64)
    set -- -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
      -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
      "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu" "$@"
    ;;
  *)
    echo "native-test.sh: expected release, sanitize or aarch64 but received \"$configuration\"." >&2
    exit 2
    ;;
esac

cmake -S native -B "$folder" "$@"
cmake --build "$folder" --parallel
ctest --test-dir "$folder" --verbose
