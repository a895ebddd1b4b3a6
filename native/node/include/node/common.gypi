{
  # The build settings that node-gyp expects from a Node.js installation, reduced to what an
  # addon over plain Node-API needs. With them the core builds the same whatever Node runs npm.
  "variables": {
    "visibility%": "hidden",
    "library%": "static_library",
    "target_arch%": "x64",
    "host_arch%": "x64"
  },
  "target_defaults": {
    "default_configuration": "Release",
    "configurations": {
      "Release": { "cflags": ["-O3"], "defines": ["NDEBUG"] },
      "Debug": { "cflags": ["-O0", "-g"] }
    },
    "conditions": [
      ["OS=='linux'", { "cflags": ["-pthread"], "ldflags": ["-pthread", "-rdynamic"] }],
      ["OS=='mac'", { "xcode_settings": { "GCC_SYMBOLS_PRIVATE_EXTERN": "YES", "MACOSX_DEPLOYMENT_TARGET": "13.5" } }],
      ["_type=='loadable_module' and OS=='mac'", {
        "xcode_settings": { "OTHER_LDFLAGS": ["-undefined dynamic_lookup"] }
      }]
    ]
  }
}
