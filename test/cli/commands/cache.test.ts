/** `onecopy cache`: what a cache folder holds, and deleting. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { cached, cacheInfo } from '../../../src/cache/index.ts'
import { Workplace } from '../run-command.ts'

const place = new Workplace()
after(() => place.remove())
const folder = join(place.path, 'cache')
const square = cached(
  function square(x: number) {
    return x * x
  },
  { folder },
)
const sum = cached(
  function sum(x: { toArray(): unknown }, options: { k: number; name: string }) {
    return [x.toArray(), options.k]
  },
  { folder },
)

test('info sums up results by function', async () => {
  await square(2)
  await square(3)
  await sum(array([1, 2]), { k: 1, name: 'secret' })
  const { stdout, code } = await place.call(['cache', 'info', 'cache'])
  assert.equal(code, 0)
  assert.match(stdout, /^function +version +results +size +last used\n/)
  assert.match(stdout, /^square +[0-9a-f]{8} +2 +\S+ \S+ +\d{4}-\d\d-\d\d \d\d:\d\d$/m)
  assert.match(stdout, /\n\n3 results, .* in .*cache\n$/)
  const json = await place.call(['cache', 'info', 'cache', '--json'])
  assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(cacheInfo(folder))))
})

test('ls shows types, shapes and numbers of arguments, but no texts', async () => {
  const { stdout } = await place.call(['cache', 'ls', 'cache', '--name', 'sum'])
  assert.match(
    stdout,
    /^key +function +size +took +last used +arguments\n[0-9a-f]{8} +sum .*float64 \(2\), { k: 1, name: text of 6 }\n$/,
  )
  const all = await place.call(['cache', 'ls', 'cache', '--json'])
  assert.equal((JSON.parse(all.stdout) as unknown[]).length, 3)
})

test('rm deletes what its options are true of', async () => {
  const unused = await place.call(['cache', 'rm', 'cache', '--unused-for', '1h'])
  assert.equal(unused.stdout, 'Deleted 0 results, 0 B.\n')
  const named = await place.call(['cache', 'rm', 'cache', '--name', 'square', '--json'])
  assert.equal((JSON.parse(named.stdout) as { items: number }).items, 2)
  const all = await place.call(['cache', 'rm', 'cache'])
  assert.match(all.stdout, /^Deleted 1 result, .*\.\n$/)
  assert.match((await place.call(['cache', 'info', 'cache'])).stdout, /^0 results, 0 B in /)
  assert.equal((await place.call(['cache', 'ls', 'cache'])).stdout, 'no results\n')
})

test('a folder that is not there is refused', async () => {
  const { stderr, code } = await place.call(['cache', 'info', 'none'])
  assert.notEqual(code, 0)
  assert.match(stderr, /Expected .*none to be the folder of a cache, got nothing there/)
})
