/** Values that throw when they are read are refused by their place, and harm no other task. */

import assert from 'node:assert/strict'
import { delayed } from '../../../src/parallel/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { everyBackend, onBackends } from '../backends.ts'

const count = delayed((value: unknown) => Object.keys(value as object).length)

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

function throwing(): object {
  return {
    get field(): number {
      throw new RangeError('not now')
    },
  }
}

const advice = 'Send a plain object that holds the values themselves.'

onBackends(everyBackend, 'an argument that throws when it is read is refused', async (make) => {
  const parallel = make.shared(1)
  const many = Array.from({ length: 500 }, (_, i) => (i === 300 ? throwing() : i))
  const cases: [unknown, string][] = [
    [throwing(), '`[0].field` threw an error: not now'],
    [{ a: [1, throwing()] }, '`[0].a[1].field` threw an error: not now'],
    [new Map([['k', throwing()]]), "`[0].get('k').field` threw an error: not now"],
    [many, '`[0][300].field` threw an error: not now'],
    [revoked(), "`[0]` threw an error: Cannot perform 'getPrototypeOf'"],
    [{ deep: [revoked()] }, "`[0].deep[0]` threw an error: Cannot perform 'getPrototypeOf'"],
  ]
  for (const [value, where] of cases) {
    const refused = refusal('ERR_UNSENDABLE', `but reading ${where}`)
    await assert.rejects(parallel.run([count(value)]), refused)
    await assert.rejects(parallel.run([count(value)]), refusal('ERR_UNSENDABLE', advice))
  }
  assert.deepEqual(await parallel.run([count({ field: 1 })]), [1])
})

onBackends(
  everyBackend,
  'a result that throws when it is read fails its own task',
  async (make) => {
    const parallel = make.shared(1)
    const results = {
      field: delayed(() => throwing()),
      list: delayed(() => Array.from({ length: 500 }, () => throwing())),
      proxy: delayed(() => [revoked()]),
    }
    for (const task of Object.values(results))
      await assert.rejects(parallel.run([task()]), refusal('ERR_UNSENDABLE', 'threw an error'))
    const outcomes = await parallel.run([count({}), results.field(), count({})], {
      onError: 'collect',
    })
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
  },
)

onBackends(
  everyBackend,
  'an error that throws when it is read arrives without that',
  async (make) => {
    const parallel = make.shared(1)
    const fail = delayed(() => {
      throw Object.assign(new RangeError('outer', { cause: throwing() }), {
        kept: 1,
        lost: revoked(),
      })
    })
    await assert.rejects(parallel.run([fail()]), (error: RangeError & { kept?: number }) => {
      assert.ok(error instanceof RangeError)
      assert.equal(error.message, 'outer')
      assert.equal(error.kept, 1)
      return true
    })
    const getters = delayed(() => {
      const error = new Error('never seen')
      const get = (): never => {
        throw throwing()
      }
      throw Object.defineProperties(error, { name: { get }, message: { get }, stack: { get } })
    })
    await assert.rejects(parallel.run([getters()]), Error)
    assert.deepEqual(await parallel.run([count({})]), [0])
  },
)

onBackends(everyBackend, 'a global object of functions is refused, not emptied', async (make) => {
  const parallel = make.shared(1)
  for (const [name, value] of Object.entries({ Math, JSON, Reflect, Atomics, Intl }))
    await assert.rejects(
      parallel.run([count({ inner: value })]),
      refusal(
        'ERR_UNSENDABLE',
        `got the object ${name} at \`[0].inner\`: its functions would be lost. Use the global object of that name inside the task.`,
      ),
    )
  const root = delayed((x: number) => Math.sqrt(x))
  assert.deepEqual(await parallel.run([root(9)]), [3])
})
