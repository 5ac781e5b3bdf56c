# What binding.gyp builds. The published package has this file only: npm runs node-gyp for an installed package with a binding.gyp
# at its root, whatever its "gypfile" says, once it is installed from a lock file; and without Python that fails the installation.
{
  "includes": ["native/sources.gypi"],
  "variables": {
    "purpose": "<!(node native/configure.cjs purpose)",
    # Set by scripts/prebuild.mjs: a stripped binary that needs no library but libc and the libgomp beside it.
    "standalone%": "0"
  },
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags_cc": ["<@(common_flags)", "-O3"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
    "xcode_settings": {
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "MACOSX_DEPLOYMENT_TARGET": "11.0",
      "OTHER_CPLUSPLUSFLAGS": ["<@(common_flags)"]
    },
    # The kernels use vector extensions of GCC and Clang; Visual Studio brings Clang along.
    "msbuild_toolset": "ClangCL",
    "msvs_settings": {
      "VCCLCompilerTool": {
        "ExceptionHandling": 1,
        "AdditionalOptions": ["/std:c++17", "/clang:-O3", "/clang:-fno-math-errno", "/clang:-ffp-contract=fast"]
      }
    }
  },
  "conditions": [
    ["purpose=='nothing'", {
      "targets": [{ "target_name": "prebuilt_binary_serves", "type": "none" }]
    }, {
      "targets": [
        {
          "target_name": "mnist_native",
          "variables": { "openmp": "<!(node native/configure.cjs openmp)" },
          "sources": ["<@(binding_sources)", "<@(portable_sources)"],
          "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
          "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS"],
          "dependencies": ["kernels_baseline"],
          "conditions": [
            ["target_arch=='x64'", { "dependencies": ["kernels_avx2", "kernels_avx512"] }],
            ["target_arch=='arm64'", { "dependencies": ["kernels_neon"] }],
            # nodelete: a worker that ends unloads its addons, while OpenMP's threads may still be inside.
            ["OS=='linux'", { "ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,-z,nodelete"] }],
            ["OS=='linux' and openmp=='yes'", { "cflags": ["-fopenmp"], "ldflags": ["-fopenmp"] }],
            ["OS=='linux' and standalone==1", {
              "ldflags": ["-s", "-Wl,--gc-sections", "-static-libstdc++", "-static-libgcc", "-Wl,-rpath,'$$ORIGIN'"]
            }],
            ["OS=='mac' and openmp!='no'", {
              "include_dirs": ["<(openmp)/include"],
              "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["-Xpreprocessor", "-fopenmp"] },
              "libraries": ["<(openmp)/lib/libomp.a"]
            }]
          ]
        },
        # One static library for each instruction set, so that no other file is compiled with its flags.
        {
          "target_name": "kernels_baseline",
          "type": "static_library",
          "sources": ["<@(baseline_sources)"]
        }
      ],
      # Every target is built, needed or not: so those of other processors must not be there.
      "conditions": [
        ["target_arch=='x64'", {
          "targets": [
            {
              "target_name": "kernels_avx2",
              "type": "static_library",
              "sources": ["<@(avx2_sources)"],
              "cflags": ["<@(avx2_flags)"],
              "xcode_settings": { "OTHER_CFLAGS": ["<@(avx2_flags)"], "OTHER_CPLUSPLUSFLAGS": ["<@(avx2_flags)"] },
              "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["<@(avx2_flags)"] } }
            },
            {
              "target_name": "kernels_avx512",
              "type": "static_library",
              "sources": ["<@(avx512_sources)"],
              "cflags": ["<@(avx512_flags)"],
              "xcode_settings": { "OTHER_CFLAGS": ["<@(avx512_flags)"], "OTHER_CPLUSPLUSFLAGS": ["<@(avx512_flags)"] },
              "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["<@(avx512_flags)"] } }
            }
          ]
        }],
        ["target_arch=='arm64'", {
          "targets": [
            {
              "target_name": "kernels_neon",
              "type": "static_library",
              "sources": ["<@(neon_sources)"]
            }
          ]
        }]
      ]
    }]
  ]
}
