{
  # One addon over plain Node-API. The kernels are compiled three times, for three instruction sets.
  "variables": {
    "kernel_sources": [
      "native/kernels/absorb.cc",
      "native/kernels/distances.cc",
      "native/kernels/gradient.cc",
      "native/kernels/gram.cc",
      "native/kernels/level.cc",
      "native/kernels/neighbor_level.cc",
      "native/kernels/pack.cc",
      "native/kernels/predict.cc",
      "native/kernels/screen.cc",
      "native/kernels/summarise.cc"
    ],
    "include": ["<!(node -p \"require('node-api-headers').include_dir\")"],
    "sanitize%": "<!(node -p \"process.env.ONECOPY_SANITIZE || ''\")"
  },
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fPIC"],
    "defines": ["NAPI_VERSION=9"],
    "include_dirs": ["<@(include)"],
    "conditions": [
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
          "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
          "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-fvisibility=hidden", "-O3", "-ffp-contract=off", "-fno-math-errno"]
        }
      }],
      ["sanitize!=''", {
        "cflags_cc": ["-fsanitize=<(sanitize)", "-fno-omit-frame-pointer", "-O1", "-g"],
        "ldflags": ["-fsanitize=<(sanitize)"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "kernels_baseline",
      "type": "static_library",
      "sources": ["<@(kernel_sources)"],
      "defines": ["ONECOPY_LEVEL=baseline"]
    },
    {
      "target_name": "onecopy",
      "sources": [
        "native/onecopy.cc",
        "native/atomics.cc",
        "native/blocks.cc",
        "native/design.cc",
        "native/gather.cc",
        "native/gradient.cc",
        "native/job.cc",
        "native/mapping.cc",
        "native/matrix.cc",
        "native/memory.cc",
        "native/moments.cc",
        "native/neighbors.cc",
        "native/neighbors_brute.cc",
        "native/neighbors_build.cc",
        "native/neighbors_tree.cc",
        "native/pages.cc",
        "native/predict.cc",
        "native/process.cc",
        "native/qr.cc",
        "native/segments.cc",
        "native/simd.cc"
      ],
      "libraries": ["-ldl", "-lpthread"],
      "dependencies": ["kernels_baseline"],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_avx2", "kernels_avx512"] }]
      ]
    }
  ],
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["<@(kernel_sources)"],
          "defines": ["ONECOPY_LEVEL=avx2"],
          "cflags_cc": ["-mavx2", "-mfma"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["-mavx2", "-mfma"] }
        },
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["<@(kernel_sources)"],
          "defines": ["ONECOPY_LEVEL=avx512"],
          "cflags_cc": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mavx2", "-mfma"],
          "xcode_settings": {
            "OTHER_CPLUSPLUSFLAGS": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mavx2", "-mfma"]
          }
        }
      ]
    }]
  ]
}
