/** Files that describe an ensemble: what is read, and how mistakes are told. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { ensembleSchema } from '../../../src/cli/ensemble-file/ensemble-schema.ts'
import {
  classifiers,
  combiners,
  regressors,
  transformers,
} from '../../../src/cli/ensemble-file/learner-catalog.ts'
import { makeDescribed } from '../../../src/cli/ensemble-file/make-ensemble.ts'
import { readEnsembleFile } from '../../../src/cli/ensemble-file/read-ensemble-file.ts'
import type { Input } from '../../../src/cli/input/input.ts'
import { Ridge } from '../../../src/learn/index.ts'
import { kebabCase } from '../../../src/learn/internal.ts'

let place: string
before(() => {
  place = mkdtempSync(join(tmpdir(), 'onecopy-test-'))
})
after(() => rmSync(place, { recursive: true }))

function write(content: unknown): string {
  const file = join(place, 'ensemble.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** What a file is refused with, without its path. */
function refusal(content: unknown): string {
  const file = write(content)
  try {
    readEnsembleFile(file)
  } catch (error) {
    return (error as Error).message.replace(file, 'FILE')
  }
  throw new Error('it was accepted')
}

const withLearner = (learner: unknown) => ({ layers: [{ groups: [{ learners: [learner] }] }] })

test('mistakes are told with their path, what is expected and what it is', () => {
  const cases: readonly (readonly [content: unknown, message: string | RegExp])[] = [
    ['{"layers": [}', "FILE: expected a value at line 1, column 13, got '}'. It has to be JSON."],
    ['', 'FILE: expected a value at line 1, column 1, got the end of the file. It has to be JSON.'],
    [[], 'FILE: Expected an object, got a list of 0.'],
    [{}, "FILE: Expected 'layers', got none."],
    [{ layers: [] }, 'FILE, layers: Expected at least 1 item, got 0.'],
    [
      { layers: [{ groups: [{ learners: [] }] }] },
      'FILE, layers[0].groups[0].learners: Expected at least 1 item, got 0.',
    ],
    [{ ...withLearner('ridge'), fold: 3 }, "FILE: There is no 'fold' here. Did you mean 'folds'?"],
    [{ ...withLearner('ridge'), folds: 1 }, 'FILE, folds: Expected a number of at least 2, got 1.'],
    [{ ...withLearner('ridge'), folds: 2.5 }, 'FILE, folds: Expected a whole number, got 2.5.'],
    [{ ...withLearner('ridge'), seed: -1 }, 'FILE, seed: Expected a number of at least 0, got -1.'],
    [
      { ...withLearner('ridge'), seed: 2 ** 32 },
      'FILE, seed: Expected a number of at most 4294967295, got 4294967296.',
    ],
    [
      { ...withLearner('ridge'), task: 'guess' },
      "FILE, task: Expected one of the names that there are, got 'guess'. There are 'regression', 'classification'.",
    ],
    [
      { ...withLearner('ridge'), scorer: 'rsme' },
      "FILE, scorer: Expected one of the names that there are, got 'rsme'. Did you mean 'rmse'?",
    ],
    [
      withLearner('ridg'),
      "FILE, layers[0].groups[0].learners[0]: Expected one of the names that there are, got 'ridg'. Did you mean 'ridge' or 'ridge-cv' or 'ridge-classifier'?",
    ],
    [withLearner(3), 'FILE, layers[0].groups[0].learners[0]: Expected a text or an object, got 3.'],
    [
      withLearner(null),
      'FILE, layers[0].groups[0].learners[0]: Expected a text or an object, got null.',
    ],
    [withLearner({}), "FILE, layers[0].groups[0].learners[0]: Expected 'type', got none."],
    [
      withLearner({ type: 7 }),
      'FILE, layers[0].groups[0].learners[0].type: Expected a text, got 7.',
    ],
    [
      withLearner({ type: 'pca' }),
      /learners\[0\]\.type: Expected one of the names that there are, got 'pca'/,
    ],
    [
      withLearner({ type: 'ridge', options: { alhpa: 1 } }),
      "FILE, layers[0].groups[0].learners[0].options: There is no 'alhpa' here. Did you mean 'alpha'?",
    ],
    [
      withLearner({ type: 'ridge', options: [] }),
      'FILE, layers[0].groups[0].learners[0].options: Expected an object, got a list of 0.',
    ],
    [
      withLearner({ type: 'ridge', name: 'a b' }),
      "FILE, layers[0].groups[0].learners[0].name: Expected a text like ^[A-Za-z][A-Za-z0-9_-]*$, got 'a b'.",
    ],
    [{ ...withLearner('ridge'), meta: 'pca' }, /^FILE, meta: Expected one of the names/],
    [
      { layers: [{ groups: [{ learners: ['ridge'], preprocess: ['ridge'] }] }] },
      /^FILE, layers\[0\]\.groups\[0\]\.preprocess\[0\]: Expected one of/,
    ],
    [
      { layers: [{ groups: [{ learners: ['ridge'] }], propagateFeatures: [-1] }] },
      'FILE, layers[0].propagateFeatures[0]: Expected a number of at least 0, got -1.',
    ],
    ['{"__proto__": 1, "layers": []}', /^FILE: There is no '__proto__' here\./],
  ]
  for (const [content, message] of cases) {
    const got = refusal(content)
    if (typeof message === 'string') assert.equal(got, message)
    else assert.match(got, message)
  }
})

test('a file without an end, and one that is too long, are refused', () => {
  const message = (file: string): string =>
    `Expected ${file} to describe an ensemble in at most 1000000 characters, got more.`
  assert.throws(() => readEnsembleFile('/dev/zero'), { message: message('/dev/zero') })
  const file = write(`{"layers": []}${' '.repeat(1_000_000)}`)
  assert.throws(() => readEnsembleFile(file), { message: message(file) })
})

test('the example of the documentation is accepted', () => {
  const page = new URL('../../../docs/fit.md', import.meta.url)
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? []
  const { layers, meta } = readEnsembleFile(write(example))
  assert.deepEqual([layers.length, meta], [2, 'greedy-selection'])
})

test('every learner, combiner and step has the name of its class, and its options are in the schema', () => {
  const { $defs } = ensembleSchema()
  for (const [list, definition] of [
    [{ ...regressors, ...classifiers }, 'learner'],
    [{ ...regressors, ...classifiers, ...combiners }, 'meta'],
    [transformers, 'step'],
  ] as const) {
    const [names, ...objects] = $defs![definition]!.anyOf!
    assert.deepEqual(names!.enum, Object.keys(list))
    for (const [i, [name, Class]] of Object.entries(list).entries()) {
      assert.equal(kebabCase(Class.name), name)
      const { properties } = objects[i]!
      assert.equal(properties!['type']!.const, name)
      const options = Object.keys(properties!['options']!.properties!)
      assert.deepEqual(options, Object.keys(new Class().getParams()))
    }
  }
})

const X = array(Array.from({ length: 40 }, (_, i) => [i, Math.sin(i), i % 2, 1 - (i % 2)]))
const input: Input = {
  X,
  y: array(Array.from({ length: 40 }, (_, i) => 2 * i + Math.sin(i))),
  task: 'regression',
  features: ['size', 'wave', 'kind=a', 'kind=b'],
  sources: [
    { name: 'size', range: [0, 1] },
    { name: 'wave', range: [1, 2] },
    { name: 'kind', range: [2, 4] },
  ],
  target: 'price',
  notes: [],
}

const described = (content: unknown) =>
  makeDescribed(readEnsembleFile(write(content)), {
    file: 'ensemble.json',
    input,
    options: { task: 'regression', folds: 4 },
    defaultMeta: new Ridge(),
  })

test('layers, steps, names, options and columns that are handed on come from the file', async () => {
  const { ensemble, places } = described({
    layers: [
      {
        groups: [
          {
            preprocess: ['standard-scaler', { type: 'pca', options: { components: 2 } }],
            learners: [
              'ridge',
              { type: 'ridge', options: { alpha: 100 } },
              { type: 'lasso', name: 'thin' },
            ],
          },
          { learners: ['decision-tree-regressor'] },
        ],
        propagateFeatures: ['size', 'kind', 1],
      },
      { groups: [{ learners: [{ type: 'ridge', name: 'second' }] }], folds: 3 },
    ],
    meta: 'best-learner',
  })
  await ensemble.fit(X, input.y as typeof X)
  const [first, second] = ensemble.layers
  assert.deepEqual(Object.keys(first!.learners), [
    'ridge',
    'ridge-2',
    'thin',
    'decision-tree-regressor',
  ])
  assert.equal(first!.learners['ridge-2']!.getParams()['alpha'], 100)
  assert.equal(first!.preprocessing['thin']!.length, 2)
  assert.equal(first!.preprocessing['decision-tree-regressor']!.length, 0)
  assert.deepEqual(first!.propagated, ['x0', 'x2', 'x3', 'x1'])
  assert.deepEqual([first!.folds.length, second!.folds.length], [4, 3])
  assert.equal(places.get('ridge-2'), 'layers[0].groups[0].learners[1]')
  assert.equal(places.get('second'), 'layers[1].groups[0].learners[0]')
  assert.equal(ensemble.meta!.constructor.name, 'BestLearner')
})

test('what does not fit the target or the columns is told with its path', () => {
  const message = (content: unknown): string => {
    try {
      described(content)
    } catch (error) {
      return (error as Error).message
    }
    throw new Error('it was accepted')
  }
  assert.equal(
    message(withLearner('svc')),
    "ensemble.json, layers[0].groups[0].learners[0]: Expected a learner of numbers, because 'price' is predicted as numbers, got 'svc', which predicts classes.",
  )
  assert.match(
    message({ ...withLearner('ridge'), meta: 'gaussian-nb' }),
    /^ensemble\.json, meta: Expected a learner of numbers/,
  )
  const handed = (column: unknown) => ({
    layers: [{ groups: [{ learners: ['ridge'] }], propagateFeatures: [column] }],
  })
  assert.equal(
    message(handed('sise')),
    "ensemble.json, layers[0].propagateFeatures[0]: Expected the name of a column that is learned from, got 'sise'. Did you mean 'size'?",
  )
  assert.equal(
    message(handed(4)),
    'ensemble.json, layers[0].propagateFeatures[0]: Expected a number from 0 to 3, got 4.',
  )
  const twice = [
    { type: 'ridge', name: 'a' },
    { type: 'lasso', name: 'a' },
  ]
  assert.equal(
    message({ layers: [{ groups: [{ learners: twice }] }] }),
    "ensemble.json, layers[0].groups[0].learners[1]: Expected a name that no other learner has, got 'a'.",
  )
})
