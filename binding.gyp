{
  "includes": ["native/sources.gypi"],
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags_cc": ["<@(common_flags)", "-O3"],
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
      "sources": ["<@(baseline_sources)"]
    },
    {
      "target_name": "kernels_avx2",
      "type": "static_library",
      "sources": ["<@(avx2_sources)"],
      "cflags": ["<@(avx2_flags)"],
      "xcode_settings": { "OTHER_CFLAGS": ["<@(avx2_flags)"] }
    },
    {
      "target_name": "kernels_avx512",
      "type": "static_library",
      "sources": ["<@(avx512_sources)"],
      "cflags": ["<@(avx512_flags)"],
      "xcode_settings": { "OTHER_CFLAGS": ["<@(avx512_flags)"] }
    },
    {
      "target_name": "kernels_neon",
      "type": "static_library",
      "sources": ["<@(neon_sources)"]
    }
  ]
}
