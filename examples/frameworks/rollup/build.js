/** Bundles the program with Rollup, onecopy external. */

import { rollup } from 'rollup'

const bundle = await rollup({ input: 'app/main.js', external: [/^onecopy/, /^node:/] })
await bundle.write({ file: 'out/rollup/external/main.mjs', format: 'es' })
await bundle.write({ file: 'out/rollup/external/main.cjs', format: 'cjs' })
await bundle.close()
