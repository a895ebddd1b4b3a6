/** Functions of modules that Vitest has rewritten. */

import assert from 'node:assert/strict'
import * as os from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { onBackends, workerBackends } from './backends.ts'

type Loose = (...args: unknown[]) => unknown

/** What Vitest 3 and 4 make of the imports of a module, and run as a script. */
const text = `'use strict';async (__vite_ssr_import__,__vite_ssr_dynamic_import__,__vite_ssr_exports__,__vite_ssr_import_meta__)=>{{const __vite_ssr_import_0__ = await __vite_ssr_import__("node:os", {"importedNames":["default","availableParallelism"]});
const __vite_ssr_import_1__ = await __vite_ssr_import__("/work.ts", {"importedNames":["triple"]});
const __vi_import_0__ = await __vite_ssr_dynamic_import__("node:dns");
const double = (x) => x * (0,__vite_ssr_import_0__.availableParallelism)() / __vite_ssr_import_0__.default.availableParallelism() * 2;
Object.defineProperty(__vite_ssr_exports__, "double", { enumerable: true, configurable: true, get(){ return double }});
__vite_ssr_exports__.local = (x) => (0,__vite_ssr_import_1__.triple)(x);
__vite_ssr_exports__.mocked = (x) => (0,__vi_import_0__.lookup)(x);
__vite_ssr_exports__.meta = () => __vite_ssr_import_meta__.url;
__vite_ssr_exports__.dynamic = () => __vite_ssr_dynamic_import__("node:dns");
}}`

/** Runs the module as Vitest does: others are namespaces behind proxies, its own exports an object of getters. */
async function load(): Promise<Record<string, Loose>> {
  const url = pathToFileURL(join(import.meta.dirname, 'rewritten.ts')).href
  const run = vm.runInThisContext(text, { filename: url }) as Loose
  const local = Object.defineProperty(Object.create(null), 'triple', {
    enumerable: true,
    get: () => (x: number) => x * 3,
  })
  const modules: Record<string, object> = {
    'node:os': new Proxy(os, {}),
    '/work.ts': local as object,
    'node:dns': { default: {}, lookup: (x: number) => x + 7 },
  }
  const load = async (name: string): Promise<object> => modules[name]!
  const exports: Record<string, Loose> = {}
  await run(load, load, exports, { url, env: {} })
  return exports
}

onBackends(
  workerBackends,
  'imports of a rewritten module are those of the module',
  async (make) => {
    const { double, local, mocked } = await load()
    const parallel = make()
    assert.deepEqual(await parallel.run([1, 2].map((x) => delayed(double!)(x))), [2, 4])
    assert.deepEqual(await parallel.run([delayed(local!)(5), delayed(mocked!)(5)]), [15, 12])
  },
)

test('what only works in the process of Vitest is refused by name', async () => {
  const { meta, dynamic } = await load()
  const parallel = new Parallel({ workers: 1 })
  try {
    for (const [fn, word, line] of [
      [meta, 'import.meta', 8],
      [dynamic, 'import()', 9],
    ] as const) {
      await assert.rejects(parallel.run([delayed(fn!)()]), {
        code: 'ERR_FUNCTION',
        message: `An anonymous function uses \`${word}\` at rewritten.ts:${line}, in whose place Vitest has put something that works in its own process only. Pass what it gives as an argument, or export the function and name it by task(url, 'name').`,
      })
    }
  } finally {
    await parallel.close()
  }
})
