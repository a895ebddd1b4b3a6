/** Runs every example at a small size. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'

const folder = resolve(import.meta.dirname, '../examples')

/** Arguments that make an example small, and what it prints then. */
const examples: Readonly<Record<string, readonly [args: string[], printed: RegExp]>> = {
  'analyse-columns.ts': [
    ['--rows', '1000', '--columns', '20', '--chunk', '3'],
    /^20 columns of 1000 rows in chunks of 3\ncolumn \d+ has the widest range: -?\d+\.\d\d to \d+\.\d\d\n$/,
  ],
  'cmlog.ts': [
    ['--megabytes', '20', '--ms', '300'],
    /^seconds {2}CPU % {2}memory MB {2}what RSS would show\n(( *-?(\d+(\.\d)?|NaN)){4}\n)+$/,
  ],
  'ensemble-memory.ts': [
    ['--rows', '2000'],
    /^2000 rows of 50 columns: 1 MB\n +seconds .*\n((Lasso|ElasticNet|ensemble|neighbours) +\d+\.\d\d +(-?\d+|NaN)\n){4}$/,
  ],
  'generator.ts': [
    ['--results', '12', '--numbers', '200000', '--ms', '5', '--slow-ms', '50'],
    /^12 results of 1\.6 MB, 2 processes\n.*\n(.* s +-?(\d+|NaN) MB\n){5}$/,
  ],
  'genome-to-vcf.ts': [
    ['--rows', '2000', '--individuals', '5'],
    /^2000 records of 2000 rows in 22 files\nonecopy: (\d+|NaN) MB at the peak\n$/,
  ],
  'hold.ts': [
    ['--megabytes', '16', '--ms', '50'],
    /^16 MB held by 4 processes takes, beside itself\n(.* -?(\d+\.\d\d|NaN) copies\n){4}$/,
  ],
  'iris-ensemble.ts': [
    [],
    /^one layer\nlearner .*\nrandom-forest-classifier .*\nsvc .*\nensemble .*\naccuracy (0\.9\d\d|1\.000)\n\ntwo layers\n(.*\n){6}accuracy (0\.9\d\d|1\.000)\n$/,
  ],
  'memory-monitor.ts': [
    ['--results', '6', '--numbers', '200000'],
    /^6 results of 2 MB\nthe peak is -?(\d+|NaN) MB above the start\n$/,
  ],
  'shared-results.ts': [
    ['--points', '120'],
    /^120 × 120 distances by 3 tasks, 0 of them asymmetric\nthe largest is \d\.\d{3}\n$/,
  ],
  'stacking-classifier.ts': [
    [],
    /^learner .*\nforest .*\nmachine .*\nensemble .*\naccuracy (0\.9\d\d|1\.000)\n$/,
  ],
  'stacking-regressor.ts': [
    ['--trees', '5'],
    // Without random numbers, it is scikit-learn's score.
    /^ +R² .*\nlasso +(0\.482 ± 0\.047 {2}44\.45 ± 1\.94) {2}\1\nforest .*\nboosting .*\nstacked +0\.4\d\d .*\n$/,
  ],
}

test('every example is run', () => {
  // Those for other tools are run by .ci/frameworks.
  const parts = ['iris.ts', 'tasks.ts']
  const programs = readdirSync(folder).filter(
    (name) => name.endsWith('.ts') && !parts.includes(name),
  )
  assert.deepEqual(programs.toSorted(), Object.keys(examples).toSorted())
})

describe('examples', { concurrency: 2 }, () => {
  for (const [name, [args, printed]] of Object.entries(examples)) {
    test(`${name} runs`, { timeout: 120_000 }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, name), ...args])
      assert.match(stdout, printed)
    })
  }
})
