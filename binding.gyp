{
  "includes": ["native/sources.gypi"],
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags": ["-Wall", "-Wextra", "-pedantic", "-fno-math-errno", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++17", "-O3", "-ffp-contract=fast"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    }
  },
  "targets": [
    {
      "target_name": "mnist_native",
      "sources": ["<@(binding_sources)", "<@(portable_sources)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
      "dependencies": ["kernels_baseline"],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_avx2", "kernels_avx512"] }],
        ["target_arch=='arm64'", { "dependencies": ["kernels_neon"] }],
        ["OS=='linux'", { "cflags": ["-fopenmp"], "ldflags": ["-fopenmp", "-Wl,--exclude-libs,ALL"] }]
      ]
    },
    # One static library for each instruction set, so that no other file is compiled with its flags.
    {
      "target_name": "kernels_baseline",
      "type": "static_library",
      "sources": ["native/kernels/baseline.cc"]
    },
    {
      "target_name": "kernels_avx2",
      "type": "static_library",
      "sources": ["native/kernels/avx2.cc"],
      "cflags": ["-mavx2", "-mfma"],
      "xcode_settings": { "OTHER_CFLAGS": ["-mavx2", "-mfma"] }
    },
    {
      "target_name": "kernels_avx512",
      "type": "static_library",
      "sources": ["native/kernels/avx512.cc"],
      "cflags": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"],
      "xcode_settings": { "OTHER_CFLAGS": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"] }
    },
    {
      "target_name": "kernels_neon",
      "type": "static_library",
      "sources": ["native/kernels/neon.cc"]
    }
  ]
}
