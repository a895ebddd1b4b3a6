/** Holds text against a file beside the tests; `ONECOPY_UPDATE=1` writes the file. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** Fails when `text` differs from the fixture by a byte. */
export function assertSnapshot(name: string, text: string): void {
  const file = new URL(`../fixtures/monitor/plots/${name}`, import.meta.url)
  if (process.env['ONECOPY_UPDATE'] === '1') writeFileSync(file, text)
  assert.ok(existsSync(file), `${name} is missing: run with ONECOPY_UPDATE=1 and look at it`)
  const expected = readFileSync(file, 'utf8')
  assert.ok(
    text === expected,
    `${name} differs from byte ${Array.from(text).findIndex((letter, i) => letter !== expected[i])} on. ` +
      'When that is meant: run with ONECOPY_UPDATE=1 and look at the new picture.',
  )
}
