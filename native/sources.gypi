{
  # The one list of source files and compiler flags: addon.gypi includes it, and native/CMakeLists.txt reads it as JSON
  # after removing these comments. So: comments on lines of their own, double quotes, no comma before a closing bracket.
  "variables": {
    "binding_sources": ["native/addon.cc", "native/arguments.cc"],
    "portable_sources": ["native/cpu.cc", "native/dropout_operations.cc", "native/image_layer.cc", "native/listed_images.cc",
                         "native/loss_operations.cc", "native/normalization_operations.cc", "native/operations.cc",
                         "native/update_operations.cc"],
    "baseline_sources": ["native/kernels/baseline.cc"],
    "avx2_sources": ["native/kernels/avx2.cc"],
    "avx512_sources": ["native/kernels/avx512.cc"],
    "neon_sources": ["native/kernels/neon.cc"],

    "common_flags": ["-std=c++17", "-Wall", "-Wextra", "-pedantic", "-fno-math-errno", "-ffp-contract=fast", "-fvisibility=hidden"],
    "baseline_flags": [],
    "avx2_flags": ["-mavx2", "-mfma"],
    "avx512_flags": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"],
    "neon_flags": []
  }
}
