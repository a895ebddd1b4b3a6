/** Scratch memory whose pages were freed, or could not be left. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { native } from '../../src/native/index.ts'

const isLinux = process.platform === 'linux'
const hasPrlimit = isLinux && spawnSync('prlimit', ['--version']).status === 0

/** Page faults of this process while something is done, by whichever of its threads. */
function faultsOf(act: () => void): number {
  const before = process.resourceUsage().minorPageFault
  act()
  return process.resourceUsage().minorPageFault - before
}

/** Frees the pages of a segment as another process that has it open does. */
function discardElsewhere(fd: number): void {
  const program = `
    import { openSync } from 'node:fs'
    import { native } from '${new URL('../../src/native/index.ts', import.meta.url).href}'
    const fd = openSync('/proc/${process.pid}/fd/${fd}', 'r+')
    native.discardPages(native.holdFile(fd, { private: false, scratch: true, fresh: false }).id)`
  execFileSync(process.execPath, ['--input-type=module', '-e', program])
}

for (const [who, discard] of Object.entries({
  'this process': ({ id }: { id: number }) => native.discardPages(id),
  'another process': ({ fd }: { fd: number }) => discardElsewhere(fd),
})) {
  test(
    `a segment whose pages ${who} freed has new ones before its next use`,
    { skip: !isLinux },
    () => {
      const bytes = new Uint8Array(8 << 20).fill(7)
      const use = () => {
        const held = native.holdScratch(bytes.length)
        return { ...held, faults: faultsOf(() => native.writeScratch(held.id, 0, bytes)) }
      }
      const first = use()
      native.releaseHold(first.hold)
      // V8's threads have faults, too: those of the quietest round count.
      const faults = Array.from({ length: 4 }, () => {
        const second = use()
        discard(second)
        native.releaseHold(second.hold)
        const third = use()
        assert.equal(third.identity, first.identity)
        assert.ok(native.hasBytes(third.id, 0, bytes))
        native.releaseHold(third.hold)
        return third.faults
      })
      // Else one for each of 2048 pages.
      assert.ok(Math.min(...faults) < 200, `${faults.join(', ')} faults`)
      native.trimScratch(0)
    },
  )
}

test(
  'memory that could not be left is as before, and nothing stays open',
  { skip: !hasPrlimit },
  () => {
    // Only the start is written: the pages of the rest cost nothing until then.
    const length = 1 << 30
    const bytes = new Uint8Array(8 << 20).fill(7)
    const { id, hold } = native.holdScratch(length)
    native.writeScratch(id, 0, bytes)
    const limit = (most: string): void => {
      execFileSync('prlimit', ['--pid', String(process.pid), `--as=${most}:`])
    }
    const open = readdirSync('/proc/self/fd').length
    const status = readFileSync('/proc/self/status', 'utf8')
    const addresses = Number(/^VmSize:\s+(\d+) kB/m.exec(status)![1]) * 1024
    // Threads that end and the garbage collector give addresses back meanwhile, up to 64 MB each.
    limit(String(addresses + (length >> 2)))
    try {
      for (let i = 0; i < 20; i++) {
        assert.throws(() => native.leavePages(id), { code: 'ERR_MEMORY' })
      }
    } finally {
      limit('unlimited')
    }
    assert.equal(readdirSync('/proc/self/fd').length, open)
    assert.ok(native.hasBytes(id, 0, bytes))
    native.leavePages(id)
    assert.ok(native.hasBytes(id, 0, new Uint8Array(bytes.length)))
    native.releaseHold(hold)
  },
)
