/** Scratch memory whose pages were freed, or could not be left. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { native } from '../../src/native/index.ts'

const isLinux = process.platform === 'linux'
const hasPrlimit = isLinux && spawnSync('prlimit', ['--version']).status === 0

test(
  'memory that could not be left is as before, and nothing stays open',
  { skip: !hasPrlimit },
  () => {
    const bytes = new Uint8Array(256 << 20).fill(7)
    const { id, hold } = native.holdScratch(bytes.length)
    native.writeScratch(id, 0, bytes)
    const limit = (most: string): void => {
      execFileSync('prlimit', ['--pid', String(process.pid), `--as=${most}:`])
    }
    const open = readdirSync('/proc/self/fd').length
    const status = readFileSync('/proc/self/status', 'utf8')
    const addresses = Number(/^VmSize:\s+(\d+) kB/m.exec(status)![1]) * 1024
    limit(String(addresses + (64 << 20)))
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
