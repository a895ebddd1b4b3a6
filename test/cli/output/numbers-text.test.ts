/** How numbers are written for people. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytesText,
  columnText,
  countOf,
  countText,
  secondsText,
} from '../../../src/cli/output/numbers-text.ts'

test('counts have their thousands apart', () => {
  const texts = [0, 999, 1000, 53_940, 1_234_567].map(countText)
  assert.deepEqual(texts, ['0', '999', '1,000', '53,940', '1,234,567'])
  assert.deepEqual(
    [countOf(1, 'row'), countOf(0, 'row'), countOf(2000, 'row')],
    ['1 row', '0 rows', '2,000 rows'],
  )
})

test('sizes have three digits and a unit, and n/a is never 0', () => {
  const texts = [0, 999, 1000, 98_123_456, 999_600_000, 12_345_678_901].map(bytesText)
  assert.deepEqual(texts, ['0 bytes', '999 bytes', '1.00 kB', '98.1 MB', '1.00 GB', '12.3 GB'])
  assert.equal(bytesText(undefined), 'n/a')
})

test('times have the unit that fits them', () => {
  const texts = [0.0042, 0.0994, 0.1, 1.234, 12.34, 59.94, 59.96, 125.4].map(secondsText)
  assert.deepEqual(texts, [
    '4.2 ms',
    '99 ms',
    '0.10 s',
    '1.23 s',
    '12.3 s',
    '59.9 s',
    '1 min 00 s',
    '2 min 05 s',
  ])
})

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
