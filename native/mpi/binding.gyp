# The addon for MPI. `mnist-native build --mpi` has node-gyp build it with mpicxx as its compiler, which brings MPI's own flags
# along. It is never prebuilt, as there is no binary that fits every MPI.
{
  "targets": [
    {
      "target_name": "mnist_native_mpi",
      "sources": ["addon.cc", "collective.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # The C++ bindings of MPI, which its third version dropped, are not wanted.
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS", "OMPI_SKIP_MPICXX", "MPICH_SKIP_MPICXX"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-pedantic", "-O2", "-fvisibility=hidden"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "xcode_settings": {
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-pedantic"]
      },
      "conditions": [
        # nodelete: MPI's threads and its own handlers at exit may outlive an environment of Node.js.
        ["OS=='linux'", { "ldflags": ["-Wl,--as-needed", "-Wl,-z,nodelete"] }]
      ]
    }
  ]
}
