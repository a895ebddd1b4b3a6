/** `onecopy fit` writes the same bytes for any number of workers and each backend. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { tableLines, Workplace } from '../run-command.ts'

let place: Workplace
before(() => {
  place = new Workplace()
  place.file('houses.csv', tableLines(300))
})
after(() => place.remove())

const fit = (...args: string[]) => place.run(['fit', 'houses.csv', '--target', 'price', ...args])

test('the same seed gives the same bytes, without workers, for any number of them and on both backends', async () => {
  const bytes: Buffer[] = []
  await fit('--out', 'same')
  bytes.push(place.read('same/out-of-fold.npy'))
  const { options } = JSON.parse(String(place.read('same/report.json'))) as { options: unknown }
  assert.deepEqual(options, {
    folds: 5,
    seed: 0,
    scorer: 'rmse',
    workers: 1,
    backend: 'serial',
    table: { header: true },
  })
  for (const [workers, backend] of [
    ['1', 'threads'],
    ['2', 'threads'],
    ['4', 'threads'],
    ['2', 'processes'],
    ['4', 'processes'],
  ] as const) {
    const out = `same-${workers}-${backend}`
    const { code, stderr } = await fit('--workers', workers, '--backend', backend, '--out', out)
    assert.equal(code, 0, stderr)
    bytes.push(place.read(`${out}/out-of-fold.npy`))
  }
  for (const other of bytes) assert.ok(other.equals(bytes[0]!))
  await fit('--seed', '1', '--out', 'other')
  assert.ok(!place.read('other/out-of-fold.npy').equals(bytes[0]!))
  assert.deepEqual(place.leftovers(), [])
})
