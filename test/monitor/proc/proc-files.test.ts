/** Files of /proc are read whole. */

import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseStatus } from '../../../src/monitor/proc/proc.ts'
import { procFiles } from '../../../src/monitor/proc/proc-files.ts'

test('a status of more than 8 KiB, as of a user in 1,000 groups, keeps its memory lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-'))
  try {
    const path = join(folder, 'status')
    const groups = Array.from({ length: 3000 }, (_, i) => 100_000 + i).join(' ')
    writeFileSync(path, `Name:\tnode\nGroups:\t${groups}\n`)
    const file = procFiles.follow(path)
    assert.equal(parseStatus(file.read()!).anonymous, undefined)
    appendFileSync(path, 'RssAnon:\t     100 kB\nThreads:\t1\n')
    assert.equal(parseStatus(file.read()!).anonymous, 102_400, 'and is read from its start again')
    file.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
