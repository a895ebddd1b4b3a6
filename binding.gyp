{
  # One addon over plain Node-API. The kernels are compiled three times, for three instruction sets.
  "variables": {
    "kernel_sources": [
      "native/linear/kernels/absorb.cc",
      "native/neighbors/kernels/distances.cc",
      "native/linear/kernels/gradient.cc",
      "native/linear/kernels/gram.cc",
      "native/kernels/level.cc",
      "native/neighbors/kernels/neighbor_level.cc",
      "native/linear/kernels/pack.cc",
      "native/linear/kernels/predict.cc",
      "native/neighbors/kernels/screen.cc",
      "native/linear/kernels/summarise.cc"
    ],
    "include": ["<!(node -p \"require('node-api-headers').include_dir\")"],
    "sanitize%": "<!(node -p \"process.env.ONECOPY_SANITIZE || ''\")"
  },
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fPIC"],
    "defines": ["NAPI_VERSION=9"],
    "include_dirs": ["<@(include)", "native"],
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
        "native/border/onecopy.cc",
        "native/memory/atomics.cc",
        "native/matrix/blocks.cc",
        "native/linear/design.cc",
        "native/matrix/gather.cc",
        "native/linear/gradient.cc",
        "native/border/job.cc",
        "native/memory/mapping.cc",
        "native/matrix/matrix.cc",
        "native/memory/memory.cc",
        "native/linear/moments.cc",
        "native/neighbors/neighbors.cc",
        "native/neighbors/neighbors_brute.cc",
        "native/neighbors/neighbors_build.cc",
        "native/neighbors/neighbors_tree.cc",
        "native/memory/pages.cc",
        "native/linear/predict.cc",
        "native/border/process.cc",
        "native/linear/qr.cc",
        "native/memory/segments.cc",
        "native/border/simd_level.cc"
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
