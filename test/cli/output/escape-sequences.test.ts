/** What users, files and programs call things reaches no terminal as control codes. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { MemoryReport } from '../../../src/monitor/index.ts'
import { makeRun, MB } from '../../monitor/runs.ts'
import { Workplace } from '../run-command.ts'
import { join } from 'node:path'

const place = new Workplace()
after(() => place.remove())

/** Makes red, clears the screen, sets the title, turns the direction of writing, in C1 too. */
const evil = 'x\u001B[31m\u001B[2J\u001B]0;owned\u0007\u202E\u009B5m'
const control = /[^\P{Cc}\n]|\u202E/u

const run = makeRun({
  command: evil,
  durationMs: 1000,
  samples: 11,
  processes: [{ name: evil, anonymous: () => 50 * MB }],
  phases: [[evil, 0, 1000]],
})
await new MemoryReport(run).save(join(place.path, 'evil.json'))
place.file('evil.dat', [
  `CMDLINE ${evil}`,
  'MEM 10.0 100.0',
  `FUNC ${evil} 1.0 100.0 2.0 100.5 1`,
  'MEM 12.0 101.0',
])
place.file('broken.dat', [`CMDLINE ${evil}`, `MEM ${evil} 100.0`])
place.file('evil.csv', [
  `a${evil},y`,
  ...Array.from({ length: 40 }, (_, i) => `${(i * 7) % 13},${(i * 3) % 17}`),
])

const commands: readonly (readonly string[])[] = [
  ['show', 'evil.json'],
  ['show', 'evil.dat'],
  ['show', 'broken.dat'],
  ['show', `${evil}.json`],
  ['compare', 'evil.json', 'evil.dat'],
  ['plot', 'evil.json', '-o', `${evil}.svg`],
  ['plot', 'evil.json', '-o', 'evil.html'],
  ['plot', 'evil.json', '--by', evil],
  ['profile', '-o', `${evil}.json`, '--fail-over', `${evil}=1GB`, '--', 'sleep', '0.01'],
  ['profile', '--', evil],
  ['fit', 'evil.csv', '--target', 'y', '--workers', '1'],
  ['fit', 'evil.csv', '--target', evil],
  [evil],
]

for (const args of commands) {
  test(`onecopy ${args.map((arg) => arg.replace(evil, '<evil>')).join(' ')}`, async () => {
    const { stdout, stderr } = await place.call(args)
    assert.ok(stdout.length + stderr.length > 0)
    for (const text of [stdout, stderr]) assert.equal(control.exec(text)?.[0], undefined, text)
  })
}

test('pictures and pages hold no control codes', () => {
  for (const name of place.names().filter((name) => /\.(?:svg|html)$/.test(name))) {
    const text = place.read(name).toString()
    assert.equal(control.exec(text)?.[0], undefined, name)
  }
})
