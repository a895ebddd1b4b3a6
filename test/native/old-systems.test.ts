/** The core can be linked for old systems: what is young in glibc has a place in old_glibc.cc. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const native = fileURLToPath(new URL('../../native', import.meta.url))

test('what the core needs of glibc since 2.29 is bound to an older version', (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux has glibc')
  const core = `${native}/build/Release/onecopy.node`
  const symbols = execFileSync('objdump', ['-T', core], { encoding: 'utf8' })
  const young = [...symbols.matchAll(/\(GLIBC_2\.(\d+)\)\s+(\S+)$/gm)]
    .filter(([, minor]) => Number(minor) > 28)
    .map(([, , name]) => name!)
  const bound = readFileSync(`${native}/prebuild/old_glibc.cc`, 'utf8')
  const missing = young.filter((name) => !new RegExp(`\\b(__wrap_)?${name}\\b`).test(bound))
  assert.deepEqual(missing, [], 'each needs a function in native/prebuild/old_glibc.cc')
})
