/** Errors come back whole, on every backend. */

import assert from 'node:assert/strict'
import { isOneCopyError, OneCopyError } from '../../src/errors.ts'
import { delayed, type Parallel, type Task } from '../../src/parallel/index.ts'
import { refusal } from '../arrays/refusal.ts'
import {
  readMissingFile,
  rejectWith,
  returnError,
  returnFunction,
  throwAbort,
  throwAggregate,
  throwAssertion,
  throwCircular,
  throwOneCopy,
  throwQuota,
  throwValue,
} from '../fixtures/tasks/failing.ts'
import { same, square } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from './backends.ts'

class Forest {
  readonly #trees = 10
  get trees(): number {
    return this.#trees
  }
}

/** What a task threw, and that the pool still works. */
async function failure(parallel: Parallel, task: Task<unknown>): Promise<unknown> {
  const outcome = await parallel.run([task]).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  assert.ok('error' in outcome, 'the task did not fail')
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
  return outcome.error
}

onBackends(
  everyBackend,
  'an error keeps class, message, code, cause and own fields',
  async (make) => {
    const error = await failure(make.shared(), delayed(throwQuota)(5))
    assert.ok(error instanceof TypeError)
    const { code, limit, retry, handler, cause } = error as TypeError & Record<string, unknown>
    assert.deepEqual(
      { code, limit, retry, handler },
      { code: 'E_QUOTA', limit: 5, retry: { after: [1, 2] }, handler: undefined },
    )
    assert.equal(error.message, 'over 5')
    assert.ok(cause instanceof RangeError)
    assert.equal(cause.message, 'inner')
    assert.equal(cause.cause, 'root')
    assert.match(cause.stack!, /failing\.ts:\d+:\d+/)
  },
)

onBackends(
  everyBackend,
  'the error says which task it comes from, the message stays',
  async (make, backend) => {
    const parallel = make.shared()
    const calls = [delayed(square)(1), delayed(square)(2), delayed(throwQuota)(5)]
    const error: unknown = await parallel.run(calls).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof TypeError && 'task' in error)
    const { index, name, worker } = error.task as Record<string, unknown>
    const label = { serial: /^this thread$/, threads: /^thread \d+$/, processes: /^process \d+$/ }
    assert.deepEqual([index, name], [2, 'throwQuota'])
    assert.match(String(worker), label[backend])
    assert.match(error.stack!, /^TypeError: over 5\n    at throwQuota .*failing\.ts:\d+:\d+/)
    assert.ok(error.stack!.endsWith(`\n    in task 2 (throwQuota) on ${String(worker)}`))
    assert.doesNotMatch(error.stack!, /src\/parallel/, 'no frames but those of the task')
  },
)

onBackends(everyBackend, 'an error with odd fields keeps its words', async (make) => {
  const parallel = make.shared()
  const callSites = await failure(
    parallel,
    delayed(() => {
      const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
      Error.prepareStackTrace = (_, sites) => sites
      const error = new RangeError('sites')
      void error.stack // made when it is first read
      Object.defineProperty(Error, 'prepareStackTrace', before ?? { value: undefined })
      throw error
    })(),
  )
  assert.ok(callSites instanceof RangeError)
  assert.match(callSites.stack!, /^RangeError: sites\n    at .*errors\.test\.ts:\d+:\d+/)
  const odd = await failure(
    parallel,
    delayed(() => {
      throw Object.assign(new RangeError('odd'), { stack: 5, name: Symbol('n') })
    })(),
  )
  assert.ok(odd instanceof RangeError)
  assert.deepEqual([odd.message, odd.name], ['odd', 'Symbol(n)'])
})

onBackends(everyBackend, 'an aggregate keeps its children', async (make) => {
  const error = await failure(make.shared(), delayed(throwAggregate)())
  assert.ok(error instanceof AggregateError)
  const [one, two, three] = error.errors as unknown[]
  assert.ok(one instanceof TypeError && one.message === 'one')
  assert.equal(two, 2)
  assert.ok(three instanceof AggregateError && (three.errors[0] as Error).message === 'deep')
})

onBackends(
  everyBackend,
  'errors of onecopy, of assert, of Node and of the platform are what they were',
  async (make) => {
    const parallel = make.shared()
    const own = await failure(parallel, delayed(throwOneCopy)())
    assert.ok(own instanceof OneCopyError && isOneCopyError(own))
    assert.deepEqual(
      [own.code, own.details, own.name],
      ['ERR_SHAPE', { shape: [1, 2] }, 'OneCopyError'],
    )
    const assertion = await failure(parallel, delayed(throwAssertion)())
    assert.ok(assertion instanceof assert.AssertionError)
    assert.deepEqual(
      [assertion.actual, assertion.expected, assertion.operator],
      [1, 2, 'strictEqual'],
    )
    const system = (await failure(parallel, delayed(readMissingFile)())) as NodeJS.ErrnoException
    assert.deepEqual(
      [system.code, system.syscall, system.path],
      ['ENOENT', 'open', '/nowhere/at/all'],
    )
    const abort = await failure(parallel, delayed(throwAbort)())
    assert.ok(abort instanceof DOMException && abort.name === 'AbortError')
  },
)

onBackends(everyBackend, 'an error may be its own cause', async (make) => {
  const error = await failure(make.shared(), delayed(throwCircular)())
  assert.ok(error instanceof Error)
  assert.equal(error.cause, error)
})

onBackends(everyBackend, 'what is thrown need not be an error, nor be truthy', async (make) => {
  const parallel = make.shared()
  for (const value of [undefined, null, 0, '', false, NaN, 'text', 5n]) {
    assert.deepEqual(await failure(parallel, delayed(throwValue)(value)), value)
    assert.deepEqual(await failure(parallel, delayed(rejectWith)(value)), value)
  }
  assert.deepEqual(await failure(parallel, delayed(throwValue)({ code: 7 })), { code: 7 })
})

onBackends(everyBackend, 'errors can be arguments and results', async (make) => {
  const parallel = make.shared()
  const [returned] = await parallel.run([delayed(returnError)()])
  assert.ok(returned instanceof TypeError)
  assert.equal((returned as TypeError & { code: string }).code, 'E_QUOTA')
  const [same1] = await parallel.run([delayed(same)(new RangeError('sent', { cause: [1] }))])
  assert.ok(same1 instanceof RangeError)
  assert.deepEqual([same1.message, same1.cause], ['sent', [1]])
})

onBackends(
  everyBackend,
  'A28: what can not be sent is refused by its place, and the pool lives',
  async (make) => {
    const parallel = make.shared()
    const cases: [value: unknown, text: string][] = [
      [
        { a: [1, { b: Symbol('s') }] },
        "got Symbol(s) at `[0].a[1].b`: a symbol can't be sent to another thread or process. Send a string.",
      ],
      [
        new Map([['k', Promise.resolve(1)]]),
        "got an object of class Promise at `[0].get('k')`: a promise can't be sent. Await it, and send its value.",
      ],
      [
        { model: new Forest() },
        "got an object of class Forest at `[0].model`: class Forest has the private member `#trees`, which would be lost. Send a plain object, or register the class in the module that exports it: registerClass(Forest, { name: 'acme.Forest', version: 1, module: import.meta.url, save: (one) => ({ … }), load: (state) => new Forest(…) })",
      ],
      [
        [new WeakMap()],
        "got an object of class WeakMap at `[0][0]`: a weak collection can't be sent. Send a Map or a Set.",
      ],
    ]
    for (const [value, text] of cases) {
      const error = await failure(parallel, delayed(same as (x: unknown) => unknown)(value))
      assert.ok(isOneCopyError(error))
      assert.equal(error.code, 'ERR_UNSENDABLE')
      assert.equal(
        error.message,
        `Expected the arguments of task 0 (\`same\`) to be data that can be sent, ${text}`,
      )
    }
    const result = await failure(parallel, delayed(returnFunction)())
    assert.ok(
      refusal(
        'ERR_UNSENDABLE',
        'Expected the result to be data that can be sent, got function fn at `.run.fn`',
      )(result),
    )
    assert.equal((result as { task?: { index: number } }).task?.index, 0)
  },
)
