/** Runs Node on an instruction set, as if no test runner had started it. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs Node in the project's folder with `args`; the core takes the kernels of `level`. */
export function runOnLevel(level: string, ...args: string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...env, ONECOPY_SIMD: level },
    encoding: 'utf8',
  })
}
