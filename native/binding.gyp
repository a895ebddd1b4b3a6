{
  # One addon over plain Node-API. The kernels are compiled three times, for three instruction sets.
  "variables": {
    "kernel_sources": [
      "linear/kernels/absorb.cc",
      "bytes/kernels/stripes.cc",
      "trees/kernels/count_less.cc",
      "neighbors/kernels/distances.cc",
      "linear/kernels/gradient.cc",
      "linear/kernels/gram.cc",
      "trees/kernels/histogram.cc",
      "kernels/level.cc",
      "logistic/kernels/link.cc",
      "logistic/kernels/logistic_level.cc",
      "neural/kernels/activate.cc",
      "neural/kernels/adam.cc",
      "neural/kernels/multiply.cc",
      "neural/kernels/neural_level.cc",
      "neural/kernels/outputs.cc",
      "neighbors/kernels/neighbor_level.cc",
      "linear/kernels/pack.cc",
      "logistic/kernels/pack_columns.cc",
      "trees/kernels/logistic.cc",
      "trees/kernels/part_rows.cc",
      "linear/kernels/predict.cc",
      "logistic/kernels/row_products.cc",
      "svm/kernels/row_pairs.cc",
      "neighbors/kernels/screen.cc",
      "linear/kernels/summarise.cc",
      "svm/kernels/svm_level.cc",
      "trees/kernels/tree_level.cc",
      "trees/kernels/walk_rows.cc",
      "svm/kernels/working_set.cc"
    ],
    # What build.mjs may set.
    "node_api%": "node/include/node",
    "sanitize%": "",
    "strict%": 0,
    "old_glibc%": 0
  },
  "target_defaults": {
    "cflags!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-fvisibility=hidden", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fPIC"],
    "defines": ["NAPI_VERSION=9"],
    "include_dirs": ["<(node_api)", "."],
    "conditions": [
      ["OS=='mac'", {
        "xcode_settings": {
          "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
          "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
          "OTHER_CPLUSPLUSFLAGS": ["-Wall", "-Wextra", "-fvisibility=hidden", "-O3", "-ffp-contract=off", "-fno-math-errno"]
        }
      }],
      ["strict==1", { "cflags_cc": ["-Werror"] }],
      ["sanitize!=''", {
        # Node's own shared pointers come without the type information that "vptr" looks for.
        "cflags_cc": ["-fsanitize=<(sanitize)", "-fno-sanitize=vptr", "-fno-omit-frame-pointer", "-O1", "-g"],
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
        "border/backing_store.cc",
        "trees/bins/bin_columns.cc",
        "border/held.cc",
        "border/onecopy.cc",
        "bytes/append.cc",
        "bytes/atomics.cc",
        "bytes/hash_elements.cc",
        "bytes/xxh3.cc",
        "cluster/cluster.cc",
        "trees/bins/bins.cc",
        "trees/bins/categories.cc",
        "matrix/blocks.cc",
        "trees/boosting/boosting.cc",
        "trees/boosting/row_derivatives.cc",
        "trees/boosting/start_values.cc",
        "svm/coordinate_descent.cc",
        "linear/design.cc",
        "svm/dual_solver.cc",
        "trees/bins/edges.cc",
        "trees/ensembles/forest.cc",
        "matrix/gather.cc",
        "linear/gradient.cc",
        "trees/grow_jobs.cc",
        "trees/grow_options.cc",
        "trees/predict_jobs.cc",
        "trees/grow/grower.cc",
        "trees/grow/histogram.cc",
        "border/job.cc",
        "border/job_threads.cc",
        "genotypes/bgzf.cc",
        "genotypes/bin_runs.cc",
        "genotypes/genotype_columns.cc",
        "genotypes/row_formatter.cc",
        "genotypes/write_genotypes.cc",
        "tables/find_rows.cc",
        "tables/group_rows.cc",
        "tables/match_rows.cc",
        "tables/sort_rows.cc",
        "tables/summarise.cc",
        "tables/tables.cc",
        "tables/take_rows.cc",
        "logistic/logistic.cc",
        "logistic/logistic_sums_job.cc",
        "memory/buffers.cc",
        "memory/given.cc",
        "memory/mapping.cc",
        "matrix/matrix.cc",
        "memory/memory.cc",
        "linear/moments.cc",
        "neural/network.cc",
        "neural/neural.cc",
        "neural/training.cc",
        "neighbors/neighbors.cc",
        "neighbors/neighbors_brute.cc",
        "neighbors/neighbors_build.cc",
        "neighbors/neighbors_tree.cc",
        "neighbors/neighbors_wide.cc",
        "neighbors/passed_nodes.cc",
        "neighbors/query_order.cc",
        "memory/pages.cc",
        "memory/scratch.cc",
        "memory/scratch_file.cc",
        "linear/predict.cc",
        "border/memory_pressure.cc",
        "trees/ensembles/predict_trees.cc",
        "trees/ensembles/scaled_weights.cc",
        "trees/bins/search_bounds.cc",
        "border/process.cc",
        "border/spin.cc",
        "linear/qr.cc",
        "memory/segments.cc",
        "memory/slots.cc",
        "border/simd_level.cc",
        "trees/grow/small_tree.cc",
        "svm/svm.cc",
        "trees/ensembles/targets.cc",
        "trees/trees.cc"
      ],
      "libraries": ["-ldl", "-lpthread"],
      "dependencies": ["kernels_baseline"],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_avx2", "kernels_avx512"] }],
        ["old_glibc==1", {
          "sources": ["prebuild/old_glibc.cc"],
          "ldflags": [
            "-static-libstdc++", "-Wl,--exclude-libs,ALL",
            "-Wl,--wrap=pthread_create,--wrap=pthread_join,--wrap=pthread_detach",
            "-Wl,--wrap=pthread_once,--wrap=pthread_key_create,--wrap=pthread_key_delete",
            "-Wl,--wrap=pthread_getspecific,--wrap=pthread_setspecific",
            "-Wl,--wrap=dlopen,--wrap=dlsym,--wrap=dladdr",
            "-Wl,--wrap=exp,--wrap=log,--wrap=pow"
          ]
        }]
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
