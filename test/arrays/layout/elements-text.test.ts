/** Arrays as text against NumPy's own. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { arange, array, type DType, NDArray, zeros } from '../../../src/arrays/index.ts'
import { typedArrayMaker } from '../../../src/arrays/internal.ts'

interface Printed {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Elements in C order, with a blank between them. */
  readonly values: string
  readonly text: string
}

const cases = JSON.parse(
  readFileSync(new URL('../../fixtures/arrays/printed.json', import.meta.url), 'utf8'),
) as readonly Printed[]

const words: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '-inf': -Infinity,
  True: 1,
  False: 0,
}

function arrayOf({ dtype, shape, values }: Printed): NDArray {
  const isBig = dtype === 'int64' || dtype === 'uint64'
  const data = new (typedArrayMaker(dtype))(values === '' ? 0 : values.split(' ').length)
  for (const [i, text] of values.split(' ').entries()) {
    if (i < data.length) data[i] = isBig ? BigInt(text) : (words[text] ?? Number(text))
  }
  return new NDArray(shape, dtype, data)
}

test('elements are printed as NumPy prints them', () => {
  assert.ok(cases.length > 200, String(cases.length))
  for (const each of cases) {
    const shape = each.shape.join(', ')
    assert.equal(String(arrayOf(each)), `NDArray ${each.dtype} [${shape}]\n${each.text}`)
  }
})

test('a view is printed as the elements that it shows', () => {
  const X = arange(0, 6).reshape(2, 3)
  assert.equal(String(X.transpose()), 'NDArray float64 [3, 2]\n[[0. 3.]\n [1. 4.]\n [2. 5.]]')
  assert.equal(inspect(X.row(1).reversed()), 'NDArray float64 [3]\n[5. 4. 3.]')
})

test('a large array is printed without reading it', () => {
  const many = zeros([1]).broadcastTo([2 ** 40])
  assert.equal(String(many), 'NDArray float64 [1099511627776]\n[0. 0. 0. ... 0. 0. 0.]')
})

test('the large integers of a 64-bit dtype are printed whole', () => {
  assert.equal(
    String(array([-(2n ** 63n), 1n])),
    'NDArray int64 [2]\n[-9223372036854775808                    1]',
  )
})
