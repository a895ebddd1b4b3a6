/** The NIST fixtures prove themselves: certified values follow exactly from the data. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Problem, problems } from '../fixtures/nist/problems.ts'

/** Decimals of every number of the data, so that it is a whole number of 10^-decimals. */
const decimals = 9n
const unit = 10n ** decimals

/** A decimal number, exactly, as a multiple of 10^-decimals. */
function whole(number: number): bigint {
  const [digits = '', exponent = '0'] = String(number).split('e')
  const [integer = '', fraction = ''] = digits.split('.')
  const shift = decimals - BigInt(fraction.length) + BigInt(exponent)
  assert.ok(shift >= 0n, `${number} has more than ${decimals} decimals`)
  return BigInt(integer + fraction) * 10n ** shift
}

/** The rows of [1 X | y], each number times a power of `unit` that depends on its column alone. */
function exactRows({ x, y, degree }: Problem): { rows: bigint[][]; powers: bigint[] } {
  const rows = y.map((target, i) => {
    const value = x[i]!
    if (Array.isArray(value)) return [1n, ...value.map(whole), whole(target)]
    const powers = Array.from({ length: degree! + 1 }, (_, k) => whole(value) ** BigInt(k))
    return [...powers, whole(target)]
  })
  const columns = rows[0]!.length - 1
  const powers = Array.from({ length: columns }, (_, k) =>
    degree === undefined ? (k === 0 ? 0n : 1n) : BigInt(k),
  )
  return { rows, powers }
}

/** Solves the normal equations in whole numbers (Bareiss) and rounds the solution to 30 digits. */
function solveExactly(problem: Problem): number[] {
  const { rows, powers } = exactRows(problem)
  const p = powers.length
  const A = Array.from({ length: p }, (_, i) =>
    Array.from({ length: p + 1 }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0n)),
  )
  let previous = 1n
  for (let k = 0; k < p; k++) {
    assert.notEqual(A[k]![k], 0n)
    for (let i = 0; i < p; i++) {
      if (i === k) continue
      for (let j = p; j >= 0; j--)
        A[i]![j] = (A[i]![j]! * A[k]![k]! - A[i]![k]! * A[k]![j]!) / previous
    }
    previous = A[k]![k]!
  }
  const scale = 10n ** 40n
  // y was multiplied by `unit`, and column i by its power of it.
  return A.map((row, i) => Number((row[p]! * unit ** powers[i]! * scale) / (row[i]! * unit)) / 1e40)
}

for (const problem of problems) {
  test(`${problem.name}: the certified coefficients solve the data's normal equations`, () => {
    const exact = solveExactly(problem)
    assert.equal(exact.length, problem.certified.length)
    for (const [i, certified] of problem.certified.entries())
      assert.ok(
        Math.abs(certified / exact[i]! - 1) < 2e-14,
        `${i}: ${certified}, exactly ${exact[i]}`,
      )
  })
}
