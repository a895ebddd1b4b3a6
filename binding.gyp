{
  # One addon over plain Node-API. The kernels are compiled three times, for three instruction sets.
  "variables": {
    "kernel_sources": [],
    "include": ["<!(node -p \"require('node-api-headers').include_dir\")"],
    "sanitize%": "<!(node -p \"process.env.ONECOPY_SANITIZE || ''\")"
  },
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O3", "-fPIC"],
    "defines": ["NAPI_VERSION=9"],
    "include_dirs": ["<@(include)"],
    "conditions": [
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
          "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
          "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-fvisibility=hidden", "-O3"]
        }
      }],
      ["sanitize!=''", {
        "cflags_cc": ["-fsanitize=<(sanitize)", "-fno-omit-frame-pointer", "-g"],
        "ldflags": ["-fsanitize=<(sanitize)"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "onecopy",
      "sources": [
        "native/onecopy.cc",
        "native/mapping.cc",
        "native/memory.cc",
        "native/pages.cc"
      ],
      "libraries": ["-ldl", "-lpthread"]
    }
  ]
}
