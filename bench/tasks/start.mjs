/** Tasks of the programs that bench/start.ts times. */

export function nothing(x) {
  return x
}

export function sumOfRows(rows) {
  let sum = 0
  for (const { price, count } of rows) sum += price * count
  return sum
}

export function makeRows(count) {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `row ${id}`,
    price: id / 7,
    count: id % 10,
    sold: id % 2 === 0,
  }))
}
