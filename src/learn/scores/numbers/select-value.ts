/** Finds a value by its position among sorted values, without sorting. */

/**
 * The value that would stand at `k` if the values were sorted. None before it is then greater, and none after it is less (Hoare's
 * quickselect, with the median of three values as the pivot).
 *
 * @param values - without NaN; their order is changed
 * @param k - position in [0, values.length)
 * @param mostPartitions - after so many the rest is sorted: they are bad ones, as of values made for that
 */
export function selectValue(values: Float64Array, k: number, mostPartitions = 100): number {
  let [low, high] = [0, values.length - 1]
  for (let round = 0; low < high; round++) {
    if (round === mostPartitions) {
      values.subarray(low, high + 1).sort()
      break
    }
    const pivot = middleOf(values[low]!, values[(low + high) >> 1]!, values[high]!)
    let [i, j] = [low, high]
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const value = values[i]!
      values[i++] = values[j]!
      values[j--] = value
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]!
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
