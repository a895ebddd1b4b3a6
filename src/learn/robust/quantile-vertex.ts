/** The vertex of the optimum that an interior point is near. */

import { Matrix, LuDecomposition } from 'ml-matrix'
import { type Interior, placeAt, type QuantileProblem, valueOf } from './quantile-problem.ts'

/** Rows count as independent of others when so much of them is left. */
const leastRest = 1e-7

/** Rounding of the objective, relative to it. */
const rounding = 1e-12

/**
 * Finds the model that predicts exactly the rows whose dual variables are farthest from their bounds, as a vertex does.
 *
 * @param most - the objective that it must not exceed by more than rounding
 * @returns undefined when there is no such vertex
 */
export async function nearestVertex(
  problem: QuantileProblem,
  point: Interior,
  most: number,
): Promise<{ theta: Float64Array; value: number } | undefined> {
  const { rows } = problem
  const n = rows.target.length
  const free = Array.from(rows.isFree.keys()).filter((j) => rows.isFree[j] === 1)
  const basis = chooseBasis(problem, point, free)
  if (basis.length < free.length) return undefined
  const system = new Matrix(basis.map(({ row }) => free.map((j) => row[j]!)))
  const wanted = basis.map(({ place }) => (place < n ? rows.target[place]! : 0))
  const lu = new LuDecomposition(system)
  if (lu.isSingular()) return undefined
  const right = Matrix.columnVector(wanted)
  const first = lu.solve(right)
  const found = first.add(lu.solve(Matrix.sub(right, system.mmul(first))))
  const theta = new Float64Array(rows.columns + 1)
  for (const [k, j] of free.entries()) theta[j] = found.get(k, 0)
  for (const { place } of basis) if (place >= n) theta[place - n + 1] = 0
  const value = await valueOf(problem, theta)
  return value <= most * (1 + rounding) ? { theta, value } : undefined
}

interface BasisRow {
  readonly place: number
  /** Shape (1 + d). */
  readonly row: Float64Array
}

/** Takes rows from the surest on, leaving out those that depend on others. */
function chooseBasis(
  problem: QuantileProblem,
  point: Interior,
  free: readonly number[],
): BasisRow[] {
  const { rows } = problem
  const n = rows.target.length
  const rowOf = (place: number): Float64Array => {
    if (place < n) return rows.row(place)
    const row = new Float64Array(rows.columns + 1)
    row[place - n + 1] = 1
    return row
  }
  const candidates = surest(problem, point, 4 * free.length + 20).map((place) => ({
    place,
    row: rowOf(place),
  }))
  const sizes = free.map((j) =>
    candidates.reduce((most, { row }) => Math.max(most, Math.abs(row[j]!)), 0),
  )
  const [basis, directions] = [[] as BasisRow[], [] as Float64Array[]]
  for (const candidate of candidates) {
    if (basis.length === free.length) break
    const rest = Float64Array.from(free, (j, k) => candidate.row[j]! / (sizes[k]! || 1))
    const size = Math.hypot(...rest)
    // Twice, so that rounding leaves nothing of the earlier directions.
    for (let pass = 0; pass < 2; pass++) for (const direction of directions) remove(rest, direction)
    const left = Math.hypot(...rest)
    if (!(left > leastRest * size)) continue
    directions.push(rest.map((value) => value / left))
    basis.push(candidate)
  }
  return basis
}

function remove(rest: Float64Array, direction: Float64Array): void {
  let amount = 0
  for (let k = 0; k < rest.length; k++) amount += rest[k]! * direction[k]!
  for (let k = 0; k < rest.length; k++) rest[k]! -= amount * direction[k]!
}

/** Places of the rows that a vertex predicts exactly most surely, the surest first; of equals the first ones. */
function surest(
  problem: QuantileProblem,
  { x, s, z, v }: Interior,
  count: number,
): readonly number[] {
  const [best, values] = [[] as number[], [] as number[]]
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const weight = problem.up(i) + problem.down(i)
    const value = 1 / (weight * (z[i]! / x[i]! + v[i]! / s[i]!))
    if (!(value >= 0) || (best.length === count && value <= values.at(-1)!)) continue
    const rank = placeOf(values, value)
    best.splice(rank, 0, i)
    values.splice(rank, 0, value)
    if (best.length <= count) continue
    best.pop()
    values.pop()
  }
  return best
}

/** Where a value belongs in a descending list: after its equals. */
function placeOf(values: readonly number[], value: number): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (values[middle]! >= value) from = middle + 1
    else to = middle
  }
  return from
}
