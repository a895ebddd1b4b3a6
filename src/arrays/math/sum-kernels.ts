/** Sums short runs of float64 with eight accumulators. */

/** Elements, or rows, that are summed at once; sums of more are joined pairwise. */
export const leafSize = 128

// Each loop reads eight elements in one expression, in which V8 checks and boxes nothing; the tree of additions is NumPy's.

/** The sum of `count` elements from `start` on, at least one; halves are joined, so that errors cancel out. */
export function sumRun(data: Float64Array, start: number, count: number): number {
  if (count <= leafSize) return sumLeaf(data, start, count)
  const half = (count >>> 4) << 3
  return sumRun(data, start, half) + sumRun(data, start + half, count - half)
}

/** The sum of the squared distances of `count` elements from `mean`, joined as by {@link sumRun}. */
export function squaresRun(data: Float64Array, start: number, count: number, mean: number): number {
  if (count <= leafSize) return squaresLeaf(data, start, count, mean)
  const half = (count >>> 4) << 3
  return squaresRun(data, start, half, mean) + squaresRun(data, start + half, count - half, mean)
}

function sumLeaf(data: Float64Array, start: number, count: number): number {
  const stop = start + count
  if (count < 8) {
    let total = data[start]!
    for (let i = start + 1; i < stop; i++) total += data[i]!
    return total
  }
  let r0 = data[start]!
  let r1 = data[start + 1]!
  let r2 = data[start + 2]!
  let r3 = data[start + 3]!
  let r4 = data[start + 4]!
  let r5 = data[start + 5]!
  let r6 = data[start + 6]!
  let r7 = data[start + 7]!
  let i = start + 8
  for (; i + 8 <= stop; i += 8) {
    r0 += data[i]!
    r1 += data[i + 1]!
    r2 += data[i + 2]!
    r3 += data[i + 3]!
    r4 += data[i + 4]!
    r5 += data[i + 5]!
    r6 += data[i + 6]!
    r7 += data[i + 7]!
  }
  let total = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7))
  for (; i < stop; i++) total += data[i]!
  return total
}

function squaresLeaf(data: Float64Array, start: number, count: number, mean: number): number {
  const stop = start + count
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = start
  for (; i + 8 <= stop; i += 8) {
    const d0 = data[i]! - mean
    const d1 = data[i + 1]! - mean
    const d2 = data[i + 2]! - mean
    const d3 = data[i + 3]! - mean
    const d4 = data[i + 4]! - mean
    const d5 = data[i + 5]! - mean
    const d6 = data[i + 6]! - mean
    const d7 = data[i + 7]! - mean
    s0 += d0 * d0 + d4 * d4
    s1 += d1 * d1 + d5 * d5
    s2 += d2 * d2 + d6 * d6
    s3 += d3 * d3 + d7 * d7
  }
  let total = s0 + s1 + (s2 + s3)
  for (; i < stop; i++) {
    const d = data[i]! - mean
    total += d * d
  }
  return total
}

/** Some rows of a matrix: element `i, j` is `data[start + i * step + j]`. */
export interface RowBlock {
  readonly data: Float64Array
  readonly start: number
  readonly step: number
  readonly rows: number
  readonly columns: number
}

/** Adds rows to `sums`, one for each column; eight rows at a time. */
export function addRows(sums: Float64Array, { data, start, step, rows, columns }: RowBlock): void {
  let row = start
  let left = rows
  for (; left >= 8; left -= 8, row += 8 * step) {
    const a = row
    const b = a + step
    const c = b + step
    const d = c + step
    const e = d + step
    const f = e + step
    const g = f + step
    const h = g + step
    for (let j = 0; j < columns; j++)
      sums[j]! +=
        data[a + j]! +
        data[b + j]! +
        (data[c + j]! + data[d + j]!) +
        (data[e + j]! + data[f + j]! + (data[g + j]! + data[h + j]!))
  }
  for (; left > 0; left--, row += step) for (let j = 0; j < columns; j++) sums[j]! += data[row + j]!
}

/**
 * Adds the squared distances of rows from the mean of each column to `sums`; four rows at a time.
 *
 * @param firstMean - number of the first column's mean
 */
export function addSquaredRows(
  sums: Float64Array,
  { data, start, step, rows, columns }: RowBlock,
  means: Float64Array,
  firstMean: number,
): void {
  let row = start
  let left = rows
  for (; left >= 4; left -= 4, row += 4 * step) {
    const a = row
    const b = a + step
    const c = b + step
    const d = c + step
    for (let j = 0; j < columns; j++) {
      const mean = means[firstMean + j]!
      const da = data[a + j]! - mean
      const db = data[b + j]! - mean
      const dc = data[c + j]! - mean
      const dd = data[d + j]! - mean
      sums[j]! += da * da + db * db + (dc * dc + dd * dd)
    }
  }
  for (; left > 0; left--, row += step)
    for (let j = 0; j < columns; j++) {
      const d = data[row + j]! - means[firstMean + j]!
      sums[j]! += d * d
    }
}
