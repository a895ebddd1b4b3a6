/** .npy files: opened in place, made and saved whole or not at all. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  chmodSync,
  ftruncateSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  arange,
  array,
  createArray,
  type DType,
  dtypes,
  NDArray,
  openArray,
  openForeignArray,
  saveArray,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { formatNpyHeader } from '../../../src/arrays/files/npy.ts'
import { createPendingArray } from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/npy')
const native = readdirSync(fixtures).filter((name) => /^(shape|type).*npy$/.test(name))

test('files that NumPy wrote are opened with their values', () => {
  const open = (name: string): NDArray => openArray(join(fixtures, `${name}.npy`))
  assert.deepEqual(open('type-i8').toArray(), [-(2n ** 63n), 0n, 1n, 2n ** 63n - 1n])
  assert.deepEqual(open('type-u2').toArray(), [0, 0, 1, 65535])
  assert.deepEqual(open('type-b1').toArray(), [1, 0, 1])
  assert.equal(open('type-b1').dtype, 'bool')
  assert.deepEqual(open('type-f8').slice([0, 3]).toArray(), [-0, 1.5, Number.MAX_VALUE])
  assert.deepEqual(open('shape-0d').toArray(), 0)
  const rows = [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9, 10, 11],
  ]
  assert.deepEqual(open('shape-2d').toArray(), rows)
  assert.deepEqual(open('shape-2d-fortran').toArray(), rows)
  assert.deepEqual(open('shape-2d-fortran').strides, [1, 3])
  assert.deepEqual(open('shape-3d-fortran').toArray(), open('shape-3d').toArray())
  assert.deepEqual(open('shape-2d-empty').toArray(), [])
  assert.deepEqual(open('shape-20d').get(0, 1, ...Array<number>(18).fill(0)), 1)
  assert.deepEqual(open('version-3').toArray(), [0, 1, 2])
})

test('opened and saved again, files are byte for byte what NumPy wrote', async (t) => {
  const folder = temporaryFolder(t)
  for (const name of native) {
    const path = join(folder, name)
    await saveArray(path, openArray(join(fixtures, name)))
    assert.deepEqual(readFileSync(path), readFileSync(join(fixtures, name)), name)
  }
})

test('views and private arrays are saved in C order, transposed ones in Fortran order', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  const X = arange(0, 60).reshape(3, 4, 5)
  const views = [
    X,
    X.transpose(),
    X.slice(null, [0, 4, 2]),
    X.reversed(2),
    X.column(1),
    X.broadcastTo([2, 3, 4, 5]),
  ]
  for (const view of views) {
    await saveArray(path, view)
    assert.deepEqual(openArray(path).toArray(), view.toArray())
  }
  await saveArray(path, X.transpose())
  assert.match(readFileSync(path, 'latin1'), /'fortran_order': True, 'shape': \(5, 4, 3\)/)
})

test('arrays with gaps larger than a block are saved block by block', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  const X = zeros([3, 1100, 2100], 'float32')
  for (let i = 0; i < X.data.length; i += 997) X.data[i] = i
  for (const view of [
    X.transpose([0, 2, 1]),
    X.slice(null, null, [0, 2099]),
    X.transpose([2, 0, 1]),
  ]) {
    await saveArray(path, view)
    assert.deepEqual(openArray(path).copy().data, view.copy().data)
  }
})

test("mode 'c' keeps writes private; mode 'r+' writes to the file", async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, array([1, 2, 3]))
  const before = readFileSync(path)
  const copy = openArray(path)
  copy.set(9, 0)
  assert.equal(copy.get(0), 9)
  assert.deepEqual(readFileSync(path), before)
  const live = openArray(path, { mode: 'r+' })
  assert.equal(live.get(0), 1)
  live.set(7, 2)
  assert.equal(readFileSync(path).readDoubleLE(128 + 16), 7)
  assert.equal(copy.get(0), 9)
  live[Symbol.dispose]()
  assert.equal(live.get(2), 7, 'dispose leaves files alone')
})

test('a path with a NUL character is refused by name', async () => {
  const text =
    'Expected a path without NUL characters, got "a\\u0000.npy". A name that was read from binary data may have some at its end.'
  const form = { dtype: 'int8', shape: [1] } as const
  const uses = {
    openArray: () => openArray('a\0.npy'),
    openForeignArray: () => openForeignArray('a\0.npy'),
    createArray: () => createArray('a\0.npy', form),
    createPendingArray: () => createPendingArray('a\0.npy', form),
    saveArray: () => saveArray('a\0.npy', array([1])),
    'shared with scratch': () => shared([1], 'int8', { scratch: 'a\0.npy' }),
  }
  for (const [name, use] of Object.entries(uses))
    await assert.rejects(async () => use(), { code: 'ERR_FILE', message: text }, name)
})

test('other modes are refused before the file is touched', (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  copyFileSync(join(fixtures, 'shape-2d.npy'), path)
  for (const [mode, advice] of [
    ['w+', ' To make a file use createArray(), with `overwrite: true` to replace one.'],
    [
      'r',
      " In place of mode 'r' of NumPy and joblib use 'c', which maps the file, too, and keeps writes private to this process.",
    ],
    ['rw', " onecopy calls it 'r+'."],
    ['x', ''],
  ] as const) {
    assert.throws(() => openArray(path, { mode: mode as 'c' }), {
      code: 'ERR_OPTION',
      message: `Expected mode 'c' or 'r+', got '${mode}'.${advice}`,
    })
  }
  assert.deepEqual(readFileSync(path), readFileSync(join(fixtures, 'shape-2d.npy')))
})

test('a mode that is not in an object of options is refused, not overlooked', () => {
  assert.throws(() => openArray('x.npy', 'r+' as never), {
    name: 'TypeError',
    message: "Expected options such as { mode: … }, got 'r+'.",
  })
  assert.throws(() => openArray(5 as never), {
    name: 'TypeError',
    message: 'Expected a path, got 5.',
  })
})

test('the dtype can be required', () => {
  const path = join(fixtures, 'type-f4.npy')
  const X: NDArray<'float32'> = openArray(path, { dtype: 'float32' })
  assert.equal(X.dtype, 'float32')
  assert.throws(
    () => openArray(path, { dtype: 'float64' }),
    refusal('ERR_DTYPE', `Expected ${path} to hold float64, got float32.`),
  )
})

test('a file that is not as long as its header says is refused, and never grown', (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  const whole = readFileSync(join(fixtures, 'shape-2d.npy'))
  for (const mode of ['c', 'r+'] as const) {
    writeFileSync(path, whole.subarray(0, -8))
    const short = `Expected 224 bytes as the header of ${path} says, got 216. The file was truncated`
    assert.throws(() => openArray(path, { mode }), refusal('ERR_FORMAT', short))
    assert.equal(statSync(path).size, 216)
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]))
    assert.throws(
      () => openArray(path, { mode }),
      refusal('ERR_FORMAT', 'got 225. The file has bytes after'),
    )
  }
  writeFileSync(path, '')
  assert.throws(() => openArray(path), refusal('ERR_FORMAT', "doesn't begin like"))
  writeFileSync(path, formatNpyHeader({ descr: '<f8', fortranOrder: false, shape: [2 ** 49] }))
  assert.throws(() => openArray(path), refusal('ERR_FORMAT', 'The file was truncated'))
})

/** A file without padding, whose elements begin wherever its header ends. */
function unpadded(text: string, elements: NodeJS.TypedArray): Buffer {
  const start = Buffer.from('\x93NUMPY\x01\x00', 'latin1')
  const { buffer, byteOffset, byteLength } = elements
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
  return Buffer.concat([start, Uint8Array.of(text.length, 0), Buffer.from(text), bytes])
}

test('elements off their alignment are copied, and not written in place', (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  for (let spaces = 0; spaces < 8; spaces++) {
    const gap = ' '.repeat(spaces)
    const text = `{'descr': '<f8', 'fortran_order': True, 'shape': (2L, 3L)${gap}}`
    writeFileSync(path, unpadded(text, Float64Array.of(1, 2, 3, 4, 5, 6)))
    const values = [
      [1, 3, 5],
      [2, 4, 6],
    ]
    const X = openArray(path)
    assert.deepEqual(X.toArray(), values)
    const isAligned = (10 + text.length) % 8 === 0
    assert.equal(X.mapping?.kind, isAligned ? 'file' : 'scratch')
    if (!isAligned) {
      assert.throws(
        () => openArray(path, { mode: 'r+' }),
        refusal(
          'ERR_FORMAT',
          `to begin at a multiple of 8 bytes, got byte ${10 + text.length}. They can't be written`,
        ),
      )
    }
    assert.deepEqual(openForeignArray(path).toNative().toArray(), values)
    const half = text.replace('<f8', '<f2')
    writeFileSync(
      path,
      unpadded(half, Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600)),
    )
    assert.deepEqual(openForeignArray(path).toNative().toArray(), values)
  }
})

test('the advice on unaligned elements works', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
  writeFileSync(path, unpadded(text, Float64Array.of(7)))
  await saveArray(path, openArray(path, { mode: 'c' }))
  const X = openArray(path, { mode: 'r+' })
  assert.deepEqual([X.mapping?.kind, X.get(0)], ['file', 7])
})

test('what is no file or no array is refused by name', (t) => {
  const folder = temporaryFolder(t)
  const missing = join(folder, 'missing.npy')
  assert.throws(() => openArray(missing), refusal('ERR_FILE', `Could not open ${missing}: ENOENT`))
  assert.throws(() => openArray(folder), refusal('ERR_FILE', 'it is no regular file'))
  assert.throws(() => openArray('/dev/null'), refusal('ERR_FILE', 'no regular file'))
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  assert.throws(() => openArray(pipe), refusal('ERR_FILE', 'no regular file'))
  for (const name of readdirSync(fixtures).filter((file) => file.startsWith('refused')))
    assert.throws(() => openArray(join(fixtures, name)), refusal('ERR_DTYPE', name))
  for (const name of readdirSync(fixtures).filter((file) => file.startsWith('foreign')))
    assert.throws(() => openArray(join(fixtures, name)), refusal('ERR_DTYPE', 'toNative()'))
})

test('createArray makes a file of zeros that NumPy would have made', async (t) => {
  const folder = temporaryFolder(t)
  for (const dtype of dtypes) {
    const made = createArray(join(folder, `${dtype}.npy`), { dtype, shape: [3, 2] })
    assert.equal(made.mapping?.mode, 'r+')
    await saveArray(join(folder, 'same.npy'), zeros<DType>([3, 2], dtype))
    assert.deepEqual(
      readFileSync(join(folder, `${dtype}.npy`)),
      readFileSync(join(folder, 'same.npy')),
    )
    made.data[made.data.length - 1] = dtype.endsWith('64') && dtype !== 'float64' ? 1n : 1
    assert.equal(Number(openArray(join(folder, `${dtype}.npy`)).get(2, 1)), 1)
  }
  assert.deepEqual(
    createArray(join(folder, 'empty.npy'), { dtype: 'int8', shape: [0, 3] }).toArray(),
    [],
  )
})

test('createArray replaces a file when it is told to, and says so when it is not', (t) => {
  const path = join(temporaryFolder(t), 'sums.npy')
  const form = { dtype: 'float64', shape: [2] } as const
  const old = createArray(path, form)
  old.set(7, 0)
  assert.throws(() => createArray(path, form), {
    code: 'ERR_FILE',
    message:
      `Could not write ${path}: file already exists. ` +
      "Open it for writing with openArray(path, { mode: 'r+' }), or replace it by zeros with { overwrite: true }.",
  })
  assert.equal(openArray(path).get(0), 7, 'the refused call changed nothing')
  const made = createArray(path, { dtype: 'int8', shape: [3], overwrite: true })
  made.set(5, 1)
  assert.deepEqual(openArray(path).toArray(), [0, 5, 0])
  assert.equal(old.get(0), 7, 'arrays on the old file keep it')
  assert.throws(() => createArray(path, { ...form, overwrite: 1 as unknown as boolean }), {
    name: 'TypeError',
    message: 'Expected `overwrite` to be true or false, got 1.',
  })
  assert.deepEqual(openArray(path).toArray(), [0, 5, 0])
})

test('createArray takes the disk space at once and never touches an existing file', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  createArray(path, { dtype: 'float64', shape: [1000, 100] })
  assert.ok(statSync(path).blocks * 512 >= 800_000)
  assert.throws(
    () => createArray(path, { dtype: 'float64', shape: [1] }),
    refusal('ERR_FILE', /Could not write .*a\.npy: .*file already exists/),
  )
  assert.equal(statSync(path).size, 800_128)
  assert.throws(
    () => createArray(join(folder, 'huge.npy'), { dtype: 'float64', shape: [2 ** 43] }),
    refusal('ERR_MEMORY', `Could not make ${join(folder, 'huge.npy')}: Could not reserve`),
  )
  assert.throws(
    () => createArray(join(folder, 'no/b.npy'), { dtype: 'float64', shape: [1] }),
    refusal('ERR_FILE', 'no/b.npy'),
  )
  assert.deepEqual(readdirSync(folder), ['a.npy'])
})

test('saving replaces a file at once; whoever has it open keeps the old one', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  await saveArray(path, array([1, 2, 3]))
  chmodSync(path, 0o640)
  const old = openArray(path)
  await saveArray(path, array([4, 5]))
  assert.deepEqual(
    [old.toArray(), openArray(path).toArray()],
    [
      [1, 2, 3],
      [4, 5],
    ],
  )
  assert.equal(statSync(path).mode & 0o777, 0o640)
  // An array can be saved to the file that it lies in.
  const self = openArray(path)
  await saveArray(path, self.reversed())
  assert.deepEqual(
    [self.toArray(), openArray(path).toArray()],
    [
      [4, 5],
      [5, 4],
    ],
  )
})

test('a symbolic link stays, and the file behind it is replaced', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'real'))
  await saveArray(join(folder, 'real/a.npy'), array([1]))
  symlinkSync('real/a.npy', join(folder, 'link.npy'))
  await saveArray(join(folder, 'link.npy'), array([2]))
  assert.deepEqual(openArray(join(folder, 'real/a.npy')).toArray(), [2])
  assert.deepEqual(readdirSync(join(folder, 'real')), ['a.npy'])
})

test('arrays in scratch memory and in other mappings are saved', async (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  const Z = shared([2, 2], 'int32')
  Z.set(5, 1, 0)
  await saveArray(path, Z)
  assert.deepEqual(openArray(path).toArray(), [
    [0, 0],
    [5, 0],
  ])
})

test('a stopped save leaves neither a new file nor a half one', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  await saveArray(path, array([1]))
  const stop = new AbortController()
  const saving = saveArray(path, zeros([5 << 20], 'float64'), { signal: stop.signal })
  setImmediate(() => stop.abort(new Error('enough')))
  await assert.rejects(saving, /enough/)
  assert.deepEqual(openArray(path).toArray(), [1])
  assert.deepEqual(readdirSync(folder), ['a.npy'])
})

const moves: Readonly<Record<string, (buffer: ArrayBuffer) => unknown>> = {
  'transfer()': (buffer) => buffer.transfer(),
  'transfer(0)': (buffer) => buffer.transfer(0),
  'transfer(2n)': (buffer) => buffer.transfer(2 * buffer.byteLength),
  structuredClone: (buffer) => structuredClone(buffer, { transfer: [buffer] }),
  'resize(n / 2)': (buffer) => buffer.resize(buffer.byteLength >> 1),
}

test('saving an array whose memory is moved away is refused, and the old file stays', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  // What has gaps is gathered 8 MiB at a time, and what was gathered can't be lost.
  const n = 4 << 20
  for (const [name, move] of Object.entries(moves)) {
    // Of a fixed length, and as long as its buffer; whole, and with gaps.
    for (const [length, step] of [[n], [undefined], [n, 2]] as const) {
      const buffer = name.startsWith('resize')
        ? new ArrayBuffer(8 * n, { maxByteLength: 8 * n })
        : new ArrayBuffer(8 * n)
      const whole = array(new Float64Array(buffer, 0, length).fill(7))
      const values = step === undefined ? whole : whole.slice([0, null, step])
      await saveArray(path, array([1]))
      const saving = saveArray(path, values)
      setImmediate(move, buffer)
      await assert.rejects(saving, refusal('ERR_DETACHED', path), `${name}, ${length}, ${step}`)
      assert.deepEqual(openArray(path).toArray(), [1])
      assert.deepEqual(readdirSync(folder), ['a.npy'])
    }
  }
})

test('an array that is disposed of while it is saved is saved whole, then freed', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npy')
  for (const step of [1, 2]) {
    for (const delay of [0, 1, 3]) {
      const Z = shared([1 << 20])
      Z.data.fill(7)
      const saving = saveArray(path, Z.slice([0, null, step]))
      for (let i = 0; i < delay; i++) await new Promise((resolve) => setImmediate(resolve))
      Z[Symbol.dispose]()
      await saving
      assert.ok(
        openArray(path)
          .toTypedArray()
          .every((x) => x === 7),
      )
      assert.equal(statSync(`/proc/self/fd/${Z.mapping!.fd}`).blocks, 0)
      await assert.rejects(saveArray(path, Z), refusal('ERR_DETACHED'))
    }
  }
})

test('a sparse file of 6 GiB is opened at once and read at its end', (t) => {
  const path = join(temporaryFolder(t), 'large.npy')
  const shape = [3 << 20, 256]
  const header = formatNpyHeader({ descr: '<f8', fortranOrder: false, shape })
  const fd = openSync(path, 'w')
  writeSync(fd, header)
  const end = header.length + 6 * 2 ** 30
  ftruncateSync(fd, end)
  writeSync(fd, Float64Array.of(42), 0, 8, end - 8)
  closeSync(fd)
  const X = openArray(path, { dtype: 'float64' })
  assert.deepEqual(X.shape, shape)
  assert.equal(X.get(-1, -1), 42)
  assert.equal(X.rows(-1).column(255).reversed().get(0), 42)
  assert.deepEqual(X.row(2 ** 21).toTypedArray(), new Float64Array(256))
  X.set(1, -1, 0)
  assert.equal(X.get(-1, 0), 1)
  const live = openArray(path, { mode: 'r+' })
  live.set(7, (3 << 20) - 1, 0)
  assert.equal(X.get(-1, 0), 1)
  assert.ok(statSync(path).blocks * 512 < 1 << 20, 'the file is still sparse')
})

test('a private map may be larger than memory', (t) => {
  const path = join(temporaryFolder(t), 'larger.npy')
  const header = formatNpyHeader({ descr: '|i1', fortranOrder: false, shape: [2 ** 40] })
  writeFileSync(path, header)
  const fd = openSync(path, 'r+')
  ftruncateSync(fd, header.length + 2 ** 40)
  closeSync(fd)
  const X = openArray(path)
  X.set(3, 2 ** 40 - 1)
  assert.equal(X.get(-1), 3)
})

test('a file keeps its values for whoever has it open when it is replaced or removed', async (t) => {
  const folder = temporaryFolder(t)
  await saveArray(join(folder, 'a.npy'), array([1]))
  await saveArray(join(folder, 'b.npy'), array([2]))
  const a = openArray(join(folder, 'a.npy'))
  renameSync(join(folder, 'b.npy'), join(folder, 'a.npy'))
  assert.deepEqual([a.get(0), openArray(join(folder, 'a.npy')).get(0)], [1, 2])
})
