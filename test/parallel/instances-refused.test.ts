/** Instances that can't be sent are refused by place, reason and way out. */

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { bundleFunction } from '../../src/parallel/functions/bundles/bundler.ts'
import { privateMember } from '../../src/parallel/functions/scopes/private-state.ts'
import { Homeless, Loop, Misloaded, Unsaved, WithFunction } from '../fixtures/classes/registered.ts'
import { registerClass } from '../../src/objects/index.ts'
import { everyBackend, onBackends } from './backends.ts'

class Hidden {
  readonly #x = 1
  x(): number {
    return this.#x
  }
}
class HiddenMethod {
  y = 1
  #twice(): number {
    return 2 * this.y
  }
  twice(): number {
    return this.#twice()
  }
}
class Heir extends Hidden {
  z = 1
}
class Open {
  static readonly #count = 7
  // No # of its own: the text alone says nothing.
  note = '#x'
  count(): number {
    return Open.#count
  }
}
class Bus extends EventEmitter {}
class Table extends Map {}
class Fine {
  readonly x = 1
}
class Arrow {
  x = 1
  read = (): number => this.x
}

function register(name: string): string {
  return `Send a plain object, or register the class in the module that exports it: registerClass(${name}, { name: 'acme.${name}', version: 1, module: import.meta.url, save: (one) => ({ … }), load: (state) => new ${name}(…) })`
}

const withAccessor = Object.defineProperty(new Fine(), 'y', { get: () => 1, enumerable: true })
const withHidden = Object.defineProperty(new Fine(), 'y', { value: 1 })
const withSymbol = Object.assign(new Fine(), { [Symbol('s')]: 1 })
const noClass: unknown = Object.assign(Object.create({ hello: () => 1 }) as object, { x: 1 })

/** The state of the instance in it leads back to it. */
const around: { inner: Loop[] } = { inner: [new Loop()] }
around.inner[0]!.next = around

const refused: readonly (readonly [value: unknown, place: string, text: string])[] = [
  [
    { a: [new Hidden()] },
    '[0].a[0]',
    `class Hidden has the private member \`#x\`, which would be lost. ${register('Hidden')}`,
  ],
  [
    new HiddenMethod(),
    '[0]',
    `class HiddenMethod has the private member \`#twice\`, which would be lost. ${register('HiddenMethod')}`,
  ],
  [
    new Heir(),
    '[0]',
    `class Hidden has the private member \`#x\`, which would be lost. ${register('Heir')}`,
  ],
  [
    new Table(),
    '[0]',
    `it extends class Map, whose state is more than fields and would be lost. ${register('Table')}`,
  ],
  [
    new Bus(),
    '[0]',
    `it extends class EventEmitter, whose state is more than fields and would be lost. ${register('Bus')}`,
  ],
  [
    new EventEmitter(),
    '[0]',
    'its class is one of JavaScript or Node.js itself, and its state is more than fields. Make it inside the task.',
  ],
  [
    withAccessor,
    '[0]',
    `its member \`y\` is an accessor, which has no value of its own. ${register('Fine')}`,
  ],
  [
    withHidden,
    '[0]',
    `its member \`y\` is not enumerable, so that it would be lost. ${register('Fine')}`,
  ],
  [
    withSymbol,
    '[0]',
    `its member \`[Symbol(s)]\` has a symbol for its name, so that it would be lost. ${register('Fine')}`,
  ],
  [new Proxy(new Fine(), {}), '[0]', "a proxy can't be sent. Send a plain object."],
  [
    noClass,
    '[0]',
    'its prototype, which is not that of a class, would be lost. Send a plain object, or make it by a class.',
  ],
  [
    Object.assign(new Fine(), { inner: { s: Symbol('s') } }),
    '[0].inner.s',
    "a symbol can't be sent to another thread or process. Send a string.",
  ],
  [new Unsaved(), '[0]', 'the `save` of test.Unsaved threw an error: nothing to save'],
  [
    new WithFunction(),
    '[0]',
    "the `save` of test.WithFunction returned Symbol(s) at `.inner[0]`: a symbol can't be sent to another thread or process. Send a string.",
  ],
  [
    new Loop(),
    '[0]',
    'the `save` of test.Loop returned an object of class Loop at `.next`: it is in a circle through an instance of a registered class, which would have to exist before its `load` is called. Leave it out of what `save` returns.',
  ],
  [
    around,
    '[0].inner[0]',
    'the `save` of test.Loop returned an object of class Object at `.next`: it is in a circle through an instance of a registered class, which would have to exist before its `load` is called. Leave it out of what `save` returns.',
  ],
  [
    new Homeless(),
    '[0]',
    'class Homeless is registered as test.Homeless without its module, which a worker has to import. Add module: import.meta.url to the registration.',
  ],
]

onBackends(
  everyBackend,
  'an argument is refused by its place, and the pool lives',
  async (make) => {
    const parallel = make.shared(1)
    const read = delayed((x: unknown) => typeof x)
    for (const [value, place, text] of refused) {
      await assert.rejects(parallel.run([read(value)]), (error: Error) => {
        assert.ok(
          error.message.startsWith(
            'Expected the arguments of task 0 (`(anonymous)`) to be data that can be sent, got ',
          ),
        )
        assert.equal(error.message.split(` at \`${place}\`: `)[1], text)
        return 'code' in error && error.code === 'ERR_UNSENDABLE'
      })
    }
    assert.deepEqual(await parallel.run([read(new Fine())]), ['object'])
  },
)

onBackends(everyBackend, 'a result is refused in the same way', async (make) => {
  const parallel = make.shared(1)
  await assert.rejects(parallel.run([delayed(() => ({ inner: [new Hidden()] }))()]), {
    code: 'ERR_UNSENDABLE',
    message: `Expected the result to be data that can be sent, got an object of class Hidden at \`.inner[0]\`: class Hidden has the private member \`#x\`, which would be lost. ${register('Hidden')}`,
  })
  await assert.rejects(parallel.run([delayed(() => ({ fn: () => 1 }))()]), {
    code: 'ERR_UNSENDABLE',
    message:
      'Expected the result to be data that can be sent, got function fn at `.fn`: a function can be sent to workers, but not back. Call it inside the task, and return its result.',
  })
})

onBackends(
  everyBackend,
  'what a worker or the program can not make of a state is said by its class',
  async (make) => {
    const parallel = make.shared(1)
    const text =
      "A received instance of test.Misloaded (class Misloaded) can't be made: expected its `load` to return an instance, got an object of class Object."
    await assert.rejects(
      parallel.run([delayed((x: Misloaded) => x.at)(new Misloaded())]),
      (error: Error) => {
        assert.equal(error.message, text)
        return 'code' in error && error.code === 'ERR_UNSENDABLE'
      },
    )
    await assert.rejects(parallel.run([delayed(() => new Misloaded())()]), { message: text })
  },
)

onBackends(
  everyBackend,
  'a field with an arrow function is refused for the `this` of it',
  async (make) => {
    await assert.rejects(
      make.shared().run([delayed((one: Arrow) => one.read())(new Arrow())]),
      (error: Error) => {
        assert.match(
          error.message,
          /^`read` uses `this` at instances-refused\.test\.ts:\d+, which a worker doesn't have\./,
        )
        return 'code' in error && error.code === 'ERR_FUNCTION'
      },
    )
  },
)

onBackends(everyBackend, 'private members of a class alone do not count', async (make) => {
  assert.deepEqual(await make.shared().run([delayed((one: Open) => one.count())(new Open())]), [7])
})

test('a class that is registered in a file of the program has to move', async (t) => {
  class Local {
    readonly x = 1
  }
  registerClass(Local, {
    name: 'test.Local',
    version: 1,
    module: import.meta.url,
    save: ({ x }) => ({ x }),
    load: () => new Local(),
  })
  const parallel = new Parallel({ workers: 1, backend: 'serial' })
  t.after(() => parallel.close())
  const text =
    'class Local is registered as test.Local in a file that starts the program, and a worker that imports it would run the program again. Move the class and its registration to a module of their own.'
  await assert.rejects(parallel.run([delayed((x: Local) => x.x)(new Local())]), {
    message: `Expected the arguments of task 0 (\`(anonymous)\`) to be data that can be sent, got an object of class Local at \`[0]\`: ${text}`,
  })
  const local = new Local()
  assert.throws(
    () =>
      bundleFunction(
        () => local.x,
        { shareFromBytes: null, sameProcess: true },
        { captures: 'auto' },
      ),
    {
      code: 'ERR_FUNCTION',
      message:
        /captures `local` at instances-refused\.test\.ts:\d+, an object of class Local: class Local is registered as test\.Local in a file/,
    },
  )
})

test('private members are found in sources of every compiler', () => {
  assert.equal(privateMember('class A { x = 1; y() { return "#z" } }'), undefined)
  assert.equal(privateMember('class A { static #x = 1; static #y() {} }'), undefined)
  assert.equal(privateMember('class A { get #x() { return 1 } }'), '#x')
  assert.equal(privateMember('class extends B { #x }'), '#x')
  assert.equal(privateMember('function A() { this.x = "#" }'), undefined)
  assert.equal(
    privateMember('class A { constructor() { __privateAdd(this, _x, 1) } }'),
    '__privateAdd(this',
  )
  assert.equal(
    privateMember('class A { constructor() { _A_x.set(this, void 0) } }'),
    '_A_x.set(this',
  )
  assert.equal(
    privateMember('class A { constructor() { _classPrivateFieldInitSpec(this, _x, 1) } }'),
    '_classPrivateFieldInitSpec(this',
  )
  assert.equal(privateMember('class A { await() { return "#" } }'), undefined)
})
