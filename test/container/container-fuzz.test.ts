/** Mutated containers: refused with a code, or every array lies in the file. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fuzzContainers } from './fuzz-containers.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { randomRuns } from '../random-runs.ts'

/** More of them: `ONECOPY_FUZZ_RUNS=1000000 node --test test/container/container-fuzz.test.ts`. */
const runs = randomRuns(4_000, 40_000)
const seed = Number(process.env['ONECOPY_FUZZ_SEED'] ?? 20261201)

test(`${runs} mutated containers are refused by a code, or in bounds`, async (t) => {
  const path = join(temporaryFolder(t), 'mutated.onecopy')
  const outcome = await fuzzContainers({ runs, seed, keep: (bytes) => writeFileSync(path, bytes) })
  t.diagnostic(`seed ${seed}: ${JSON.stringify(outcome)}`)
  assert.deepEqual(outcome.faults, [])
  // Both outcomes are there, so that the mutations reach the reader.
  assert.ok(outcome.refused > runs / 20 && outcome.accepted > runs / 20)
})
