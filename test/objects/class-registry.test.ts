/** Classes are registered once, under names that are theirs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { type ClassOf, registerClass } from '../../src/objects/index.ts'
import {
  classOfInstance,
  classOfName,
  registerOwnClass,
  registrationOf,
} from '../../src/objects/internal.ts'

class Point {
  readonly x: number
  constructor(x: number) {
    this.x = x
  }
}

const pointForm = {
  name: 'test.Point',
  version: 1,
  module: import.meta.url,
  save: ({ x }: Point) => ({ x }),
  load: ({ x }: { x: number }) => new Point(x),
}

/** A registration of its own, apart from what is given. */
function form(given: object): typeof pointForm {
  return { ...pointForm, ...given }
}

test('a class is found by an instance, by itself and by its name', () => {
  registerClass(Point, pointForm)
  const entry = classOfName('test.Point')
  assert.equal(entry?.Class, Point)
  assert.equal(entry.module, import.meta.url)
  assert.equal(classOfInstance(new Point(1)), entry)
  assert.equal(registrationOf(Point), entry)
  assert.deepEqual(entry.load(entry.save(new Point(7))), new Point(7))
})

test('a class that extends a registered one is not registered', () => {
  class Pixel extends Point {}
  assert.equal(classOfInstance(new Pixel(1)), undefined)
  assert.equal(registrationOf(Pixel), undefined)
  assert.equal(classOfInstance(Object.create(null) as object), undefined)
  assert.equal(classOfInstance({}), undefined)
})

test('an own member called constructor makes no object an instance', () => {
  assert.equal(classOfInstance({ constructor: Point }), undefined)
})

test('a class can be registered again under its name, also with a newer version', () => {
  registerClass(Point, form({ version: 2 }))
  assert.equal(classOfName('test.Point')?.version, 2)
  registerClass(Point, pointForm)
})

test('a module that is evaluated again replaces its class', () => {
  const evaluate = (): ClassOf<Point> => {
    class Again extends Point {}
    registerClass(Again, form({ name: 'test.Again', load: (state: Point) => new Again(state.x) }))
    return Again
  }
  const [first, second] = [evaluate(), evaluate()]
  assert.equal(classOfName('test.Again')?.Class, second)
  assert.equal(registrationOf(first)?.Class, first, 'instances that exist can still be saved')
})

const refused: readonly (readonly [what: string, register: () => void, message: string])[] = [
  [
    'a name that another class has',
    () => registerClass(class Other extends Point {}, pointForm),
    "Can't register a class as 'test.Point': another class, Point, has this name already. Choose a name such as 'acme.Model'.",
  ],
  [
    'a second name of a class',
    () => registerClass(Point, form({ name: 'test.Second' })),
    "Can't register a class as 'test.Second': class Point is registered as 'test.Point' already. Choose a name such as 'acme.Model'.",
  ],
  [
    'a name of onecopy',
    () => registerClass(class Own extends Point {}, form({ name: 'onecopy.Point' }) as never),
    "Can't register a class as 'onecopy.Point': 'onecopy.' begins the names of classes of onecopy. Choose a name such as 'acme.Model'.",
  ],
  [
    'a name that is none of onecopy, inside it',
    () => registerOwnClass(Point, pointForm),
    "Can't register a class as 'test.Point': names of classes of onecopy begin with 'onecopy.'. Choose a name such as 'acme.Model'.",
  ],
  ...['Point', 'test.', '.Point', 'test/Point', 'test.Point\n', 'test..Point', '__proto__'].map(
    (name): readonly [string, () => void, string] => [
      `the name ${JSON.stringify(name)}`,
      () => registerClass(Point, form({ name })),
      `Can't register a class as '${name}': expected parts of letters, digits and _ with dots between them. Choose a name such as 'acme.Model'.`,
    ],
  ),
  [
    'version 0',
    () => registerClass(Point, form({ version: 0 })),
    'Expected `version` to be a whole number of at least 1, got 0.',
  ],
]

for (const [what, register, message] of refused)
  test(`refuses ${what}`, () => {
    assert.throws(register, (error) => {
      assert.ok(isOneCopyError(error))
      assert.equal(error.code, 'ERR_OPTION')
      assert.equal(error.message, message)
      return true
    })
  })

test('refuses what is no class, and registrations that lack something', () => {
  const wrong: readonly [register: () => void, message: string][] = [
    [
      () => registerClass({} as never, pointForm),
      'Expected a class to register, got an object of class Object.',
    ],
    [
      () => registerClass(() => 1, pointForm),
      'Expected a class to register, got function (anonymous).',
    ],
    [
      () => registerClass(Point, form({ save: undefined })),
      'Expected `save` in the registration of class Point, got none.',
    ],
    [
      () => registerClass(Point, form({ load: 'load' })),
      "Expected `load` to be a function, got 'load'.",
    ],
    [
      () => registerClass(Point, form({ module: './point.ts' })),
      "Expected `module` to be a URL, such as import.meta.url, got './point.ts'.",
    ],
    [
      () => registerClass(Point, form({ Version: 1 })),
      'registerClass has no option `Version`. Did you mean `version`? It has: name, version, module, save, load, migrate.',
    ],
  ]
  for (const [register, message] of wrong) assert.throws(register, { name: 'TypeError', message })
})
