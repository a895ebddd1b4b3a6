/** Tasks that take and give plain data. */

export interface Row {
  id: number
  readonly [name: string]: unknown
}

export function same(value: unknown): unknown {
  return value
}

export function first([row]: readonly Row[]): number {
  return row!.id
}

/** Rows with values of all kinds; `count` decides how they travel. */
export function makeRows(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `row ${id}`,
    at: new Date(id),
    big: BigInt(id),
    missing: undefined,
    zero: -0,
    nan: Number.NaN,
    parts: [id, null, { deep: [] }],
  }))
}

const kept: number[] = Array.from({ length: 500 }, () => 0)

/** Returns one list again and again, each time changed. */
export function countUp(count: number): number[] {
  kept[0] = count
  return kept
}

/** Much data that can't be sent. */
export function makeBad(count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? Symbol('no') : { i }))
}
