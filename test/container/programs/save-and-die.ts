/** Saves a container and kills itself at a chosen moment. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { arange, type NDArray } from '../../../src/arrays/index.ts'
import { saveContainer } from '../../../src/container/index.ts'
import { native } from '../../../src/native/index.ts'

const [path = '', moment = '', value = '2'] = process.argv.slice(2)

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive')
}

/** Kills before or after a function of `fs` runs for the given time. */
function killAt(name: 'fsync' | 'fsyncSync' | 'renameSync', when: 'before' | 'after'): void {
  const call = fs[name] as (...args: unknown[]) => unknown
  Object.assign(fs, {
    [name]: (...args: unknown[]) => {
      if (when === 'before') die()
      call(...args)
      die()
    },
  })
  syncBuiltinESMExports()
}

/** Arrays of which the second is never written. */
class Deadly extends Map<string, NDArray> {
  override *[Symbol.iterator](): MapIterator<[string, NDArray]> {
    let given = 0
    for (const entry of super.entries()) {
      // The first pass checks the arrays, the next one writes them.
      if (this.passes > 0 && given === 1) die()
      given++
      yield entry
    }
    this.passes++
  }
  passes = 0
}

const numbers = arange(0, 600_000).copy()
numbers.data.fill(Number(value))
const parts: [string, NDArray][] = [
  ['a.npy', numbers],
  ['b.npy', numbers],
]
if (moment === 'before sync') killAt('fsync', 'before')
if (moment === 'before name') killAt('renameSync', 'before')
if (moment === 'after name') killAt('renameSync', 'after')
if (moment === 'before folder sync') killAt('fsyncSync', 'before')
if (moment === 'while bytes are written') {
  const appendBytes = native.appendBytes.bind(native)
  let left = 2
  Object.assign(native, {
    appendBytes: (fd: number, bytes: Uint8Array) => {
      const writing = appendBytes(fd, bytes)
      if (--left === 0) die()
      return writing
    },
  })
}
const arrays = moment === 'between arrays' ? new Deadly(parts) : new Map(parts)
await saveContainer(path, { schema: { value: Number(value) }, arrays })
