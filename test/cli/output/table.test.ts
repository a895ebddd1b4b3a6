/** How a table of text looks. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableLines } from '../../../src/cli/output/table.ts'

test('names stand on the left, numbers on the right, and no line ends in spaces', () => {
  const lines = tableLines([
    { heading: 'Learner', cells: ['Ridge', 'KNeighborsRegressor'], align: 'left' },
    { heading: 'RMSE', cells: ['1,130.9', '612.3'], align: 'right' },
    { heading: '', cells: ['', 'best'], align: 'left' },
  ])
  assert.deepEqual(lines, [
    'Learner                  RMSE',
    'Ridge                 1,130.9',
    'KNeighborsRegressor     612.3   best',
  ])
})

test('a table without rows is its headings', () => {
  assert.deepEqual(tableLines([{ heading: 'A', cells: [], align: 'left' }]), ['A'])
})
