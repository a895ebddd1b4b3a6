/** Functions of modules that Vitest or webpack has rewritten. */

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
__vite_ssr_exports__.meta = () => __vite_ssr_import_meta__.env;
__vite_ssr_exports__.place = () => __vite_ssr_import_meta__.url;
__vite_ssr_exports__.dynamic = () => __vite_ssr_dynamic_import__("node:dns");
}}`

const url = pathToFileURL(join(import.meta.dirname, 'rewritten.ts')).href

/** Runs the module as Vitest does: others are namespaces behind proxies, its own exports an object of getters. */
async function load(): Promise<Record<string, Loose>> {
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

/** What webpack makes of modules in its development mode. */
const webpackText = `{__webpack_require__.r(__webpack_exports__);
__webpack_require__.d(__webpack_exports__, { own: () => (own), whole: () => (whole), lazy: () => (lazy) });
var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__("node:os");
var _work__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__("./work.js");
const own = (x) => (0,_work__WEBPACK_IMPORTED_MODULE_1__.square)(x) + Math.sign(node_os__WEBPACK_IMPORTED_MODULE_0__["default"].availableParallelism());
const whole = () => Object.keys(_work__WEBPACK_IMPORTED_MODULE_1__);
const lazy = () => __webpack_require__.e("other");
}`

/** A module whose other exports can't travel. */
function makeWork(): object {
  const held = new WeakMap<object, number>()
  const exports: object = Object.defineProperties(Object.create(null) as object, {
    [Symbol.toStringTag]: { value: 'Module' },
    square: { enumerable: true, get: () => (x: number) => x * x },
    pool: { enumerable: true, get: () => () => held },
  })
  return exports
}

function loadWebpack(): Record<string, Loose> {
  const exports: Record<string, Loose> = {}
  const modules: Record<string, object> = {
    'node:os': { __esModule: true, default: os },
    './work.js': makeWork(),
  }
  const require = Object.assign((name: string) => modules[name], {
    r: (target: object) => Object.defineProperty(target, '__esModule', { value: true }),
    d: (target: object, getters: Record<string, () => Loose>) => {
      for (const [name, get] of Object.entries(getters))
        Object.defineProperty(target, name, { get })
    },
  })
  const run = vm.compileFunction(webpackText, ['__webpack_exports__', '__webpack_require__'], {
    filename: 'webpack:///./main.js',
  }) as Loose
  run(exports, require)
  return exports
}

onBackends(
  workerBackends,
  'of a rewritten module only what a function uses of it travels',
  async (make) => {
    const { own, whole, lazy } = loadWebpack()
    const { place } = await load()
    const parallel = make()
    assert.deepEqual(await parallel.run([delayed(own!)(3), delayed(place!)()]), [10, url])
    await assert.rejects(parallel.run([delayed(whole!)()]), {
      code: 'ERR_FUNCTION',
      message:
        /^An anonymous function \(which `whole` needs\) captures `held` at rewritten-modules\.test\.ts:\d+, an object of class WeakMap: a weak collection can't be sent\. Send a Map or a Set\.$/,
    })
    await assert.rejects(parallel.run([delayed(lazy!)()]), {
      code: 'ERR_FUNCTION',
      message:
        /^`lazy` uses `import\(\)` at main\.js:7, which webpack has replaced by something that only works in its bundle\./,
    })
  },
)

test('what only works in the process of Vitest is refused by name', async () => {
  const { meta, dynamic } = await load()
  const parallel = new Parallel({ workers: 1 })
  try {
    for (const [fn, word, line] of [
      [meta, 'import.meta', 8],
      [dynamic, 'import()', 10],
    ] as const) {
      await assert.rejects(parallel.run([delayed(fn!)()]), {
        code: 'ERR_FUNCTION',
        message: `An anonymous function uses \`${word}\` at rewritten.ts:${line}, which Vite has replaced by something that only works in its own process. Pass what it gives as an argument, or export the function and name it by task(url, 'name').`,
      })
    }
  } finally {
    await parallel.close()
  }
})
