/** How the numbers of a column are written. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnText } from '../../../src/cli/output/numbers-text.ts'

test('numbers of a column have the same decimals, four digits in the median', () => {
  assert.deepEqual(columnText([612.345, 1130.94, 700]), ['612.3', '1,130.9', '700.0'])
  assert.deepEqual(columnText([0.9764123, -0.01234, 0.5]), ['0.9764', '-0.0123', '0.5000'])
  assert.deepEqual(columnText([12345.6, 98765.4]), ['12,346', '98,765'])
  assert.deepEqual(columnText([0, 2]), ['0.000', '2.000'])
  assert.deepEqual(columnText([0, 0]), ['0.000', '0.000'])
})

test('a column may take the decimals of another', () => {
  assert.deepEqual(columnText([1067.1234, 24.5], [612.345, 1130.94, 700]), ['1,067.1', '24.5'])
})

test('numbers that would look like 0, or be too long, have powers of ten', () => {
  assert.deepEqual(columnText([1e-13, 0.52, 0.48]), ['1.0e-13', '0.5200', '0.4800'])
  assert.deepEqual(columnText([1.5e12, 2e12]), ['1.500e+12', '2.000e+12'])
  assert.deepEqual(columnText([3e-9]), ['3.000e-9'])
  assert.deepEqual(columnText([Number.NaN, 1.25, -Infinity]), ['NaN', '1.250', '-Infinity'])
})
