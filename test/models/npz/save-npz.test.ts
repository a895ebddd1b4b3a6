/** Saving .npz files that NumPy reads and that are mapped. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { arange, array, dtypes, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { openNpz, saveNpz } from '../../../src/models/index.ts'
import { refusal } from '../../arrays/refusal.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { runPython, withoutNumpy } from '../../numpy.ts'

test('the same arrays give the same bytes', async (t) => {
  const folder = temporaryFolder(t)
  const arrays = { X: arange(0, 6).reshape(2, 3), y: array([1, 2]) }
  await saveNpz(join(folder, 'a.npz'), arrays)
  await saveNpz(join(folder, 'b.npz'), new Map(Object.entries(arrays)))
  const bytes = readFileSync(join(folder, 'a.npz'))
  assert.deepEqual(readFileSync(join(folder, 'b.npz')), bytes)
  assert.ok(bytes.length < 128 * 2 + 64 + 3 * 100)
})

test('every dtype, order and shape is mapped back', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  const arrays: Record<string, NDArray> = {
    turned: arange(0, 6).reshape(2, 3).transpose(),
    columns: arange(0, 12).reshape(3, 4).slice([null, null], [null, null, 2]),
    scalar: array(3),
    none: zeros([0, 4], 'int16'),
  }
  for (const dtype of dtypes) arrays[dtype] = zeros([5], dtype)
  await saveNpz(path, arrays)
  const opened = await openNpz(path, { verify: true })
  assert.deepEqual(Object.keys(opened.arrays), Object.keys(arrays))
  for (const [name, made] of Object.entries(arrays)) {
    assert.deepEqual(opened.arrays[name]!.toArray(), made.toArray())
    assert.deepEqual(opened.arrays[name]!.shape, made.shape)
    assert.equal(opened.arrays[name]!.dtype, made.dtype)
    assert.equal(opened.storage[name], 'mapped')
  }
})

test('NumPy reads what is saved', { skip: withoutNumpy }, async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  await saveNpz(path, { X: arange(0, 6).reshape(2, 3), Größe: array([1, 0], { dtype: 'bool' }) })
  const code = `import numpy, sys, zipfile
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
data = numpy.load(sys.argv[1])
print({name: (str(data[name].dtype), data[name].tolist()) for name in data})`
  assert.equal(
    runPython(code, path).trim(),
    "{'X': ('float64', [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]), 'Größe': ('bool', [True, False])}",
  )
})

test('a signal stops the saving of a large array and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t)
  const controller = new AbortController()
  const { signal } = controller
  const saving = saveNpz(join(folder, 'a.npz'), { X: zeros([4_000_000]) }, { signal })
  controller.abort()
  await assert.rejects(saving, { name: 'AbortError' })
  assert.deepEqual(readdirSync(folder), [])
})

test('names that an archive has no room for are refused before a file is made', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.npz')
  const name = 'ü'.repeat(32_766)
  await assert.rejects(
    saveNpz(path, { [name]: zeros([1]) }),
    refusal('ERR_OPTION', 'Expected names of at most 65531 bytes in UTF-8, got 65532 bytes.'),
  )
  assert.deepEqual(readdirSync(folder), [])
  const longest = name.slice(1) + 'x'
  await saveNpz(path, { [longest]: zeros([1]) })
  assert.deepEqual(Object.keys((await openNpz(path)).arrays), [longest])
})

test('a file that can not be written is refused, and nothing is left behind', async (t) => {
  const path = join(temporaryFolder(t), 'a.npz')
  await assert.rejects(saveNpz(join(path, 'none', 'a.npz'), {}), refusal('ERR_FILE'))
  await assert.rejects(saveNpz(path, { '': zeros([1]) }), refusal('ERR_OPTION'))
  await assert.rejects(saveNpz(path, { X: zeros([1]) }, { signal: AbortSignal.abort() }))
  await assert.rejects(saveNpz(path, null as never), TypeError)
  const gone = array(new Float64Array(4))
  structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] })
  await assert.rejects(saveNpz(path, { gone }), refusal('ERR_DETACHED', "'gone'"))
  assert.ok(!existsSync(path))
})
