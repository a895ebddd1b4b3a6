/** Reads a CSV and prints how much memory it took beside its result. */

import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readCsv } from '../../../src/tables/index.ts'

/** Bytes of this process that no file can give back: private pages, and scratch segments. */
function hardMemory(): number {
  const anonymous = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  let bytes = Number(anonymous?.[1]) * 1024
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      const isScratch = readlinkSync(`/proc/self/fd/${name}`).startsWith('/memfd:onecopy')
      if (isScratch) bytes += fstatSync(Number(name)).blocks * 512
    } catch {
      // The descriptor of the folder itself is closed by now.
    }
  }
  return bytes
}

const [path = '', out] = process.argv.slice(2)
let peak = hardMemory()
const table = await readCsv(path, {
  out,
  onProgress: () => {
    peak = Math.max(peak, hardMemory())
  },
})
peak = Math.max(peak, hardMemory())
const result = table.columns.reduce((sum, { arrays }) => sum + arrays[0]!.nbytes, 0)
console.log(JSON.stringify({ peak, result, rows: table.rows }))
