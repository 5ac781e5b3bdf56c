{
  # The one list of source files: binding.gyp includes it, and native/CMakeLists.txt reads it.
  "variables": {
    "binding_sources": ["native/addon.cc", "native/arguments.cc"],
    "portable_sources": ["native/cpu.cc", "native/operations.cc"]
  }
}
