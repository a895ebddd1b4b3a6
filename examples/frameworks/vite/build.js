/** Builds the program with Vite for a server: onecopy external, as by default, and within the bundle. */

import { build } from 'vite'

for (const [name, ssr] of [
  ['external', {}],
  ['bundled', { noExternal: true }],
]) {
  await build({
    logLevel: 'error',
    configFile: false,
    ssr,
    build: {
      ssr: 'app/main.js',
      outDir: `out/vite/${name}`,
      rollupOptions: { output: { entryFileNames: 'main.mjs' } },
    },
  })
}
