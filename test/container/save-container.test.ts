/** Containers are saved whole or not at all, and the same parts give the same bytes. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  arange,
  array,
  dtypes,
  NDArray,
  openArray,
  saveArray,
  shared,
  zeros,
} from '../../src/arrays/index.ts'
import { typedArrayMaker } from '../../src/arrays/internal.ts'
import { describeContainer, openContainer, saveContainer } from '../../src/container/index.ts'
import { refusal } from '../arrays/refusal.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { runPython, withoutNumpy } from '../numpy.ts'

/** Any array: every dtype, up to four axes, steps backwards, gaps and another order of axes. */
const anyArray = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    shape: fc.array(fc.nat(4), { maxLength: 4 }),
    steps: fc.array(fc.constantFrom(1, -1, 2), { minLength: 4, maxLength: 4 }),
    isTransposed: fc.boolean(),
    seed: fc.nat(200),
  })
  .map(({ dtype, shape, steps, isTransposed, seed }): NDArray => {
    const full = shape.map((length) => 2 * length)
    const size = full.reduce((a, b) => a * b, 1)
    const data = new (typedArrayMaker(dtype))(size)
    const bytes = new Uint8Array(data.buffer)
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = dtype === 'bool' ? i % 2 : (i * 37 + seed) % 251
    const whole = new NDArray(full, dtype, data)
    const part = whole.slice(...shape.map((_, axis) => [null, null, steps[axis]!] as const))
    return isTransposed ? part.transpose() : part
  })

test('any arrays come back with their bits, dtype and shape, mapped and copied', async (t) => {
  const path = join(temporaryFolder(t), 'a.onecopy')
  await fc.assert(
    fc.asyncProperty(fc.array(anyArray, { maxLength: 5 }), fc.jsonValue(), async (list, json) => {
      const arrays = new Map(list.map((value, i) => [`list/${i}.npy`, value]))
      // As JSON has it: -0 is 0 there.
      const schema: unknown = JSON.parse(JSON.stringify(json))
      await saveContainer(path, { schema, arrays })
      for (const options of [{}, { copy: true, verify: true }]) {
        const opened = await openContainer(path, options)
        assert.deepEqual(opened.schema, schema)
        assert.deepEqual([...opened.values.keys()], [...arrays.keys()])
        for (const [name, value] of arrays) {
          const found = opened.values.get(name)!
          assert.deepEqual([found.dtype, found.shape], [value.dtype, value.shape])
          assert.deepEqual(bitsOf(found), bitsOf(value))
          assert.equal(found.mapping === undefined, 'copy' in options)
        }
      }
    }),
    { numRuns: 60, seed: 12 },
  )
})

/** The elements in C order as bytes, so that NaNs count too. */
function bitsOf(value: NDArray): Uint8Array {
  const { buffer, byteOffset, byteLength } = value.toTypedArray()
  return new Uint8Array(buffer, byteOffset, byteLength)
}

test('the order of the axes is kept, and what has gaps is written in C order', async (t) => {
  const path = join(temporaryFolder(t), 'a.onecopy')
  const X = arange(0, 60).reshape(3, 4, 5)
  const arrays = new Map([
    ['c.npy', X],
    ['f.npy', X.transpose()],
    ['gaps.npy', X.slice(null, [0, 4, 2])],
  ])
  await saveContainer(path, { schema: null, arrays })
  assert.deepEqual(
    describeContainer(path).arrays.map(({ name, fortranOrder }) => [name, fortranOrder]),
    [
      ['c.npy', false],
      ['f.npy', true],
      ['gaps.npy', false],
    ],
  )
})

test('the same parts give the same bytes, in any process', async (t) => {
  const folder = temporaryFolder(t)
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  const child = spawnSync(process.execPath, [
    join(import.meta.dirname, 'programs/save-and-die.ts'),
    a,
    'never',
  ])
  assert.equal(child.status, 0, String(child.stderr))
  const numbers = zeros([600_000])
  numbers.data.fill(2)
  await saveContainer(b, {
    schema: { value: 2 },
    arrays: new Map([
      ['a.npy', numbers],
      ['b.npy', numbers],
    ]),
  })
  assert.ok(readFileSync(a).equals(readFileSync(b)))
})

test('NumPy and zipfile read it as it is', { skip: withoutNumpy }, async (t) => {
  const path = join(temporaryFolder(t), 'a.onecopy')
  const arrays = new Map<string, NDArray>([
    ['numbers.npy', arange(0, 1000)],
    [
      'größe/fortran.npy',
      array([
        [1, 2, 3],
        [4, 5, 6],
      ]).transpose(),
    ],
    ['big.npy', array(BigInt64Array.of(2n ** 60n, -1n))],
    ['empty.npy', zeros([0, 3], 'float32')],
    ['scalar.npy', zeros([], 'bool')],
  ])
  await saveContainer(path, { schema: { name: 'größe' }, arrays })
  const program = `
import json, sys, zipfile
import numpy
print(zipfile.ZipFile(sys.argv[1]).testzip())
z = numpy.load(sys.argv[1])
print(sorted(z), json.loads(z['schema.json']))
print(z['numbers'].sum(), z['größe/fortran'].tolist(), z['big'].tolist(), z['empty'].shape, z['scalar'].dtype)
for info in zipfile.ZipFile(sys.argv[1]).infolist():
    print(info.date_time, oct(info.external_attr >> 16))
`
  const [test, names, values, ...infos] = runPython(program, path).trimEnd().split('\n')
  assert.equal(test, 'None')
  assert.equal(
    names,
    "['big', 'empty', 'größe/fortran', 'numbers', 'scalar', 'schema.json'] {'name': 'größe'}",
  )
  assert.equal(
    values,
    '499500.0 [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]] [1152921504606846976, -1] (0, 3) bool',
  )
  assert.deepEqual(new Set(infos), new Set(['(1980, 1, 1, 0, 0, 0) 0o100644']))
})

test('names that can not be those of arrays are refused before a file is made', async (t) => {
  const folder = temporaryFolder(t)
  for (const name of ['a', '../a.npy', '/a.npy', 'a\\b.npy', '.npy/', '\ud800.npy', 'a//b.npy']) {
    await assert.rejects(
      saveContainer(join(folder, 'a'), { schema: 1, arrays: new Map([[name, zeros([1])]]) }),
      refusal('ERR_VALUE', 'Expected the name of a member, such as "a/b.npy"'),
    )
  }
  assert.deepEqual(readdirSync(folder), [])
})

test('a schema that no reader would take is refused', async (t) => {
  const path = join(temporaryFolder(t), 'a')
  let deep: unknown = 1
  for (let i = 0; i < 1001; i++) deep = [deep]
  for (const schema of [deep, Array.from({ length: 200_000 }, () => ({}))]) {
    await assert.rejects(
      saveContainer(path, { schema, arrays: new Map() }),
      refusal('ERR_VALUE', 'Keep long lists of numbers as typed arrays.'),
    )
  }
})

test('memory that goes away while it is saved is an error, and the old file stays', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a')
  writeFileSync(path, 'old')
  const lost = refusal('ERR_DETACHED')
  const numbers = array(new Float64Array(2_000_000))
  const saving = saveContainer(path, { schema: 1, arrays: new Map([['a.npy', numbers]]) })
  ;(numbers.buffer as ArrayBuffer).transfer()
  await assert.rejects(saving, lost)
  const scratch = shared([10])
  scratch[Symbol.dispose]()
  await assert.rejects(
    saveContainer(path, { schema: 1, arrays: new Map([['a.npy', scratch]]) }),
    lost,
  )
  assert.equal(readFileSync(path, 'utf8'), 'old')
  assert.deepEqual(readdirSync(folder), ['a'])
})

test('a shared array that is disposed of while it is saved is saved whole', async (t) => {
  const path = join(temporaryFolder(t), 'a')
  const scratch = shared([2_000_000])
  scratch.data.fill(3)
  const saving = saveContainer(path, { schema: 1, arrays: new Map([['a.npy', scratch]]) })
  scratch[Symbol.dispose]()
  await saving
  const { values } = await openContainer(path, { verify: true })
  assert.ok(
    values
      .get('a.npy')!
      .toTypedArray()
      .every((value) => value === 3),
  )
})

test('a signal stops the saving and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t)
  const controller = new AbortController()
  const arrays = new Map([['a.npy', zeros([4_000_000])]])
  const saving = saveContainer(
    join(folder, 'a'),
    { schema: 1, arrays },
    { signal: controller.signal },
  )
  controller.abort()
  await assert.rejects(saving, { name: 'AbortError' })
  assert.deepEqual(readdirSync(folder), [])
})

const moments = [
  ['between arrays', 'old'],
  ['while bytes are written', 'old'],
  ['before sync', 'old'],
  ['before name', 'old'],
  ['after name', 'new'],
  ['before folder sync', 'new'],
] as const

for (const [moment, expected] of moments) {
  test(
    `killed ${moment}, the file is the ${expected} one`,
    { skip: process.platform !== 'linux' },
    async (t) => {
      const folder = temporaryFolder(t)
      const path = join(folder, 'a')
      const program = join(import.meta.dirname, 'programs/save-and-die.ts')
      const arrays = new Map([['a.npy', arange(0, 1000)]])
      await saveContainer(path, { schema: { value: 1 }, arrays })
      assert.equal(spawnSync(process.execPath, [program, path, moment]).signal, 'SIGKILL')
      const { schema } = await openContainer(path, { verify: true })
      assert.deepEqual(schema, { value: expected === 'old' ? 1 : 2 })
      // Only between the two names of a file that takes the place of another may the first one stay.
      const left = readdirSync(folder).filter((name) => name !== 'a')
      assert.equal(left.length, moment === 'before name' ? 1 : 0, left.join())
    },
  )
}

test(
  'a new file that its writer did not finish is not there',
  { skip: process.platform !== 'linux' },
  (t) => {
    const folder = temporaryFolder(t)
    const program = join(import.meta.dirname, 'programs/save-and-die.ts')
    for (const [moment] of moments) {
      spawnSync(process.execPath, [program, join(folder, 'a'), moment])
      // Nobody has the name, so that the file takes it without another one before.
      const isNamed = /folder/.test(moment) || /name/.test(moment)
      assert.deepEqual(readdirSync(folder), isNamed ? ['a'] : [], moment)
      if (isNamed) assert.doesNotThrow(() => describeContainer(join(folder, 'a')))
      spawnSync('rm', ['-f', join(folder, 'a')])
    }
  },
)

test('a mapped file is saved again without being written to', async (t) => {
  const folder = temporaryFolder(t)
  const [npy, path] = [join(folder, 'a.npy'), join(folder, 'a.onecopy')]
  await saveArray(npy, arange(0, 1_000_000))
  const mapped = openArray(npy)
  await saveContainer(path, { schema: 1, arrays: new Map([['a.npy', mapped]]) })
  assert.equal(mapped.mapping!.hasPrivateWrites(0, statSync(npy).size), false)
})

test('a schema longer than any text is refused like one that is too large', async (t) => {
  const folder = temporaryFolder(t)
  const schema = {
    toJSON: () => {
      throw new RangeError('Invalid string length')
    },
  }
  await assert.rejects(
    saveContainer(join(folder, 'a'), { schema, arrays: new Map() }),
    refusal('ERR_VALUE', 'Keep long lists of numbers as typed arrays.'),
  )
  assert.deepEqual(readdirSync(folder), [])
})
