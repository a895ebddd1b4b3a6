/** A whole program on a pool of threads; prints how many milliseconds each part took. */

// The built package, imported as its users import it.

import { makeRows, nothing, sumOfRows } from './start.mjs'

const pools = { onecopy, piscina }
const workers = 2
const figures = {}
const begun = performance.now()
const { open } = await pools[process.argv[2]]()
figures.import = performance.now() - begun

let pool
await timed('first', async () => {
  pool = open()
  await pool.call(nothing, 1)
})
await timed('tiny', async () => {
  for (let i = 0; i < 1000; i++) await pool.call(nothing, i)
})
const tables = Array.from({ length: 100 }, () => makeRows(1000))
await timed('rows in', () => pool.callAll(sumOfRows, tables))
await timed('rows out', () => pool.callAll(makeRows, Array(100).fill(1000)))
console.log(JSON.stringify(figures))
await pool.close()

async function timed(part, work) {
  const start = performance.now()
  await work()
  figures[part] = performance.now() - start
}

/** Each call a `run` of one task, or all tasks in one `run`. */
async function onecopy() {
  const { delayed, Parallel } = await import('onecopy')
  const open = () => {
    const parallel = new Parallel({ workers, minWorkers: workers })
    return {
      call: async (fn, x) => (await parallel.run([delayed(fn)(x)]))[0],
      callAll: (fn, xs) => parallel.run(xs.map((x) => delayed(fn)(x))),
      close: () => parallel.close(),
    }
  }
  return { open }
}

async function piscina() {
  const { Piscina } = await import('piscina')
  const open = () => {
    const filename = new URL('./start.mjs', import.meta.url).href
    const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers })
    const call = (fn, x) => pool.run(x, { name: fn.name })
    return {
      call,
      callAll: (fn, xs) => Promise.all(xs.map((x) => call(fn, x))),
      close: () => pool.destroy(),
    }
  }
  return { open }
}
