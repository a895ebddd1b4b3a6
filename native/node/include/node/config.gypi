{ "target_defaults": { "cflags": [] }, "variables": { "node_shared": "false" } }
