/** Crafted .skops files: refused by their place, and nothing in them is called. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openSkops, openSkopsArrays } from '../../../src/models/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { zipBytes } from '../zip-bytes.ts'
import { attributes, changed, type Node, zipSkops } from './skops-files.ts'

function open(t: TestContext, bytes: Buffer): Promise<unknown> {
  const path = join(temporaryFolder(t), 'x.skops')
  writeFileSync(path, bytes)
  return openSkops(path)
}

const node = (loader: string, more: Node = {}): Node => ({
  __class__: 'system',
  __module__: 'os',
  __loader__: loader,
  ...more,
})
const json = (value: unknown): Node => node('JsonNode', { content: JSON.stringify(value) })
const list = (...content: Node[]): Node => node('ListNode', { content })

/** What is wrong, the file, and words of the refusal. */
const attacks: readonly [what: string, bytes: () => Buffer, words: string | RegExp][] = [
  // What skops would import or call; here they are names only.
  ...[
    'FunctionNode',
    'TypeNode',
    'MethodNode',
    'PartialNode',
    'OperatorFuncNode',
    'ConstructorFromReduceNode',
    'LossNode',
    'ObjectNode',
  ].map((loader): [string, () => Buffer, string] => [
    `a ${loader} of os.system`,
    () => zipSkops(node(loader, { content: json('touch owned'), attrs: json('x') })),
    'got an object of class os.system',
  ]),
  ['an unknown kind of node', () => zipSkops(node('EvalNode')), "got 'EvalNode'"],
  [
    'a class that only ends like a known one',
    () =>
      zipSkops({
        ...node('ObjectNode'),
        __module__: 'evil.sklearn.linear_model',
        __class__: 'Ridge',
      }),
    'evil.sklearn.linear_model.Ridge',
  ],
  [
    'a class of another loader',
    () =>
      zipSkops({
        ...node('MethodNode'),
        __module__: 'sklearn.linear_model._ridge',
        __class__: 'Ridge',
      }),
    'openSkops() knows',
  ],
  [
    'a class named like a property of all objects',
    () =>
      zipSkops({
        ...node('ObjectNode'),
        __module__: 'sklearn.linear_model',
        __class__: 'constructor',
      }),
    'openSkops() knows',
  ],
  ['a newer version', () => zipSkops({ ...node('ObjectNode'), protocol: 3 }), 'protocol 0 to 2'],
  ['a schema without a version', () => zipSkops('{}'), 'protocol 0 to 2'],
  ['a file without a schema', () => zipBytes([]), 'has no schema.json'],
  ['a schema that is no JSON', () => zipSkops('{"protocol":2'), 'Expected JSON in schema.json'],
  ['a name twice', () => zipSkops('{"protocol":2,"protocol":2}'), 'the name "protocol" twice'],
  ['a deep schema', () => zipSkops('['.repeat(100_000)), 'more than 250 deep'],
  [
    'an object within itself',
    () => zipSkops({ ...list({ ...list(), __id__: 7 }), __id__: 7 }),
    'not part of itself',
  ],
  ['a node that is no object', () => zipSkops(node('ListNode', { content: [7] })), '`[0]` of'],
  ['a list that is no list', () => zipSkops(node('ListNode', { content: 7 })), 'to be a list'],
  [
    'JSON that is an object',
    () => zipSkops(node('JsonNode', { content: '{}' })),
    'a number, text, true, false or null',
  ],
  [
    'a member that is missing',
    () => changed('ridge', (_, files) => files.clear()),
    'which its schema.json names, got none',
  ],
  [
    'a member of objects',
    () => changed('ridge', (schema) => (attributes(schema)['coef_'] = list())),
    '`coef_` of sklearn.linear_model._ridge.Ridge',
  ],
  [
    'coefficients that are not finite',
    () => changed('ridge', (_, files) => spoil(files, 128, NaN)),
    'finite numbers, got NaN at position 0',
  ],
  [
    'a step that is no step',
    () => changed('pipeline', (schema) => (attributes(schema)['steps'].content[1] = json('x'))),
    '`steps[1]` of sklearn.pipeline.Pipeline',
  ],
  [
    'a learner before the last step',
    () => changed('pipeline', (schema) => attributes(schema)['steps'].content.reverse()),
    /`steps` of sklearn.pipeline.Pipeline .* to be (?:transformers|4 columns)/,
  ],
  [
    'a step twice',
    () =>
      changed('pipeline', (schema) =>
        attributes(schema)['steps'].content.splice(1, 0, attributes(schema)['steps'].content[1]),
      ),
    'different names without dots',
  ],
  [
    'a step named __proto__',
    () =>
      changed(
        'pipeline',
        (schema) => (attributes(schema)['steps'].content[1].content[0] = json('__proto__')),
      ),
    "'__proto__'",
  ],
  [
    'steps of other widths',
    () =>
      changed(
        'columns',
        (schema) => (
          attributes(schema)['n_features_in_'],
          (attributes(attributes(schema)['steps'].content[1].content[1])['coef_'] = attributes(
            attributes(schema)['steps'].content[1].content[1],
          )['intercept_'])
        ),
      ),
    /`(?:coef_|steps)/,
  ],
  [
    'a neighbour of an unknown class',
    () =>
      changed(
        'knn-classifier',
        (schema) => (attributes(schema)['_y'] = attributes(schema)['_fit_X']),
      ),
    '`_y` of sklearn.neighbors',
  ],
  [
    'more neighbours than rows',
    () => changed('knn-regressor', (schema) => (attributes(schema)['n_neighbors'] = json(161))),
    'at most the 160 rows',
  ],
  [
    'a metric that is a function',
    () =>
      changed(
        'knn-regressor',
        (schema) => (attributes(schema)['effective_metric_'] = node('FunctionNode')),
      ),
    '`metric` of sklearn.neighbors',
  ],
  [
    'more columns than are read',
    () =>
      changed('tree-regressor', (schema) => (attributes(schema)['n_features_in_'] = json(2 ** 31))),
    'a whole number from 1 to 1048576',
  ],
  [
    'fewer columns than splits ask for',
    () => changed('tree-regressor', (schema) => (attributes(schema)['n_features_in_'] = json(1))),
    'splits of 1 columns',
  ],
  [
    'a forest of strangers',
    () =>
      changed(
        'forest-regressor',
        (schema) => (attributes(schema)['estimators_'].content[0] = node('ObjectNode')),
      ),
    '`estimators_[0]` of sklearn.ensemble',
  ],
  [
    'a stack of one learner too few',
    () => changed('stack-regressor', (schema) => attributes(schema)['estimators_'].content.pop()),
    '`estimators_` of sklearn.ensemble',
  ],
  [
    'a boosted model that starts at a stranger',
    () => changed('boosting-two', (schema) => (attributes(schema)['init_'] = node('ObjectNode'))),
    'a DummyClassifier',
  ],
]
for (const [what, bytes, words] of attacks)
  test(`${what} is refused`, async (t) => {
    await assert.rejects(open(t, bytes()), refusal('ERR_FORMAT', words))
  })

/** Writes a float64 over one in the first member that is long enough. */
function spoil(files: Map<string, Buffer>, at: number, value: number): void {
  for (const file of files.values())
    if (file.length >= at + 8) return void file.writeDoubleLE(value, at)
}

/** Where the fields of a node of `tree_` stand. */
const treeFields = { left: 0, right: 8, feature: 16, threshold: 24 }
const nodeBytes = 56

/** Changes nodes of the only tree of a fixture. */
function changedTree(change: (nodes: Buffer) => void): Buffer {
  return changed('tree-regressor', (schema, files) => {
    const { file } = attributes(schema)['tree_'].content.content.nodes
    const npy = files.get(file)!
    change(npy.subarray(10 + npy.readUInt16LE(8)))
  })
}

const wrongNodes: readonly [string, (nodes: Buffer) => void, string][] = [
  [
    'a node that is its own child',
    (nodes) => nodes.writeBigInt64LE(0n, treeFields.left),
    'one parent each',
  ],
  [
    'two parents of a node',
    (nodes) => nodes.writeBigInt64LE(1n, treeFields.right),
    'one parent each',
  ],
  ['a child outside', (nodes) => nodes.writeBigInt64LE(9999n, treeFields.right), 'one parent each'],
  ['a negative child', (nodes) => nodes.writeBigInt64LE(-7n, treeFields.right), 'one parent each'],
  [
    'a child of 2^62',
    (nodes) => nodes.writeBigInt64LE(2n ** 62n, treeFields.right),
    'one parent each',
  ],
  [
    'a child before its parent',
    (nodes) => nodes.writeBigInt64LE(0n, nodeBytes + treeFields.left),
    'one parent each',
  ],
  [
    'a column outside',
    (nodes) => nodes.writeBigInt64LE(4n, treeFields.feature),
    'one of column 4 at node 0',
  ],
  [
    'a negative column',
    (nodes) => nodes.writeBigInt64LE(-2n, treeFields.feature),
    'one of column -2 at node 0',
  ],
  [
    'a threshold that is no number',
    (nodes) => nodes.writeDoubleLE(NaN, treeFields.threshold),
    'finite thresholds',
  ],
  [
    'an infinite threshold',
    (nodes) => nodes.writeDoubleLE(-Infinity, treeFields.threshold),
    'finite thresholds',
  ],
  ['a leaf at the root', (nodes) => nodes.writeBigInt64LE(-1n, treeFields.left), 'one parent each'],
]
for (const [what, change, words] of wrongNodes)
  test(`a tree with ${what} is refused`, async (t) => {
    await assert.rejects(open(t, changedTree(change)), refusal('ERR_FORMAT', words))
  })

test('lists that stand in each other many times take no memory for each place', async (t) => {
  let inner: Node = { ...list(json(1)), __id__: 1 }
  for (let level = 2; level < 60; level++)
    inner = {
      ...list(
        inner,
        ...Array.from({ length: 9 }, () => ({
          ...node('ListNode'),
          content: [],
          __id__: level - 1,
        })),
      ),
      __id__: level,
    }
  const array = node('NdArrayNode', { type: 'json', content: [inner], shape: list(json(2 ** 40)) })
  await assert.rejects(open(t, zipSkops(array)), refusal('ERR_FORMAT', 'more'))
  const path = join(temporaryFolder(t), 'x.skops')
  writeFileSync(path, zipSkops(inner))
  assert.deepEqual(Object.keys((await openSkopsArrays(path)).arrays), [])
})

test('models that stand in each other many times are refused', async (t) => {
  const bytes = changed('pipeline', (schema) => {
    const steps = attributes(schema)['steps']
    const [first] = steps.content
    let number = 10 ** 6
    let inner = first.content[1]
    for (let level = 0; level < 20; level++) {
      inner['__id__'] = ++number
      const again = (name: string): Node => ({
        ...list(json(name), { ...node('ListNode'), __id__: number }),
        __id__: -1 - number * 10 - name.length,
      })
      inner = {
        ...schema,
        __id__: undefined,
        content: {
          ...node('DictNode'),
          content: {
            steps: list(list(json('a'), inner), again('bb'), again('ccc'), again('dddd')),
          },
        },
      }
    }
    first.content[1] = inner
  })
  await assert.rejects(open(t, bytes), refusal('ERR_FORMAT', 'at most 1000 models'))
})

/** A .npy file with this text as its header. */
function npy(header: string, data = Buffer.alloc(0)): Buffer {
  const text = Buffer.from(`${header}\n`, 'latin1')
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1')
  start.writeUInt16LE(text.length, 8)
  return Buffer.concat([start, text, data])
}

const arrayNode = (file: string): Node => ({
  __class__: 'ndarray',
  __module__: 'numpy',
  __loader__: 'NdArrayNode',
  type: 'numpy',
  file,
})

async function openArrays(t: TestContext, bytes: Buffer): Promise<unknown> {
  const path = join(temporaryFolder(t), 'x.skops')
  writeFileSync(path, bytes)
  return openSkopsArrays(path)
}

test('a long shape that is none is refused without trying all ways to read it', async (t) => {
  const header = `{'descr': '<U2', 'fortran_order': False, 'shape': (${'1'.repeat(5000)}x), }`
  const bytes = zipSkops(arrayNode('a.npy'), new Map([['a.npy', npy(header)]]))
  await assert.rejects(openArrays(t, bytes), refusal('ERR_FORMAT', "'a.npy'"))
})

test('lists in each other by reference, deeper than arrays are, are refused', async (t) => {
  const first = list()
  first['__id__'] = 1
  const chain = [first]
  for (let id = 2; id <= 30_000; id++) chain.push({ ...list({ __id__: id - 1 }), __id__: id })
  const shape = list(json(0))
  const array = { ...arrayNode(''), type: 'json', shape, content: [{ __id__: 30_000 }] }
  await assert.rejects(
    open(t, zipSkops(list(...chain, array))),
    refusal('ERR_FORMAT', 'lists in each other'),
  )
})

test('a damaged array that is copied is refused by its CRC', async (t) => {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }`
  const data = npy(header.padEnd(117), Buffer.from(new Float64Array([1, 2]).buffer))
  const bytes = zipSkops(arrayNode('odd.npy'), new Map([['odd.npy', data]]))
  const { storage } = (await openArrays(t, bytes)) as { storage: { array: string } }
  assert.equal(storage.array, 'copied')
  bytes[bytes.indexOf('(2,)') + 80]! ^= 1
  await assert.rejects(
    openArrays(t, bytes),
    refusal('ERR_FORMAT', "Expected the CRC-32 of member 'odd.npy' of "),
  )
})

test('names of fewer columns than the model has are refused', async (t) => {
  const bytes = changed('ridge-named', (schema) => {
    const names = attributes(schema)['feature_names_in_'] as Node
    names['content'].pop()
    names['shape'] = list(json(3))
  })
  await assert.rejects(
    open(t, bytes),
    refusal('ERR_FORMAT', '`feature_names_in_` of sklearn.linear_model._ridge.Ridge'),
  )
})
