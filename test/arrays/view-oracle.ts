/** Views in the slowest and plainest way: lists of cell numbers. */

/** A view as its shape and, for each element in C order, the number of its cell in the base. */
export interface CellView {
  readonly shape: readonly number[]
  readonly cells: readonly number[]
}

/** A fresh array: cells 0, 1, 2 … */
export function freshCells(shape: readonly number[]): CellView {
  return { shape, cells: coordinatesOf(shape).map((_, i) => i) }
}

/** All coordinates of a shape, last axis fastest. */
export function coordinatesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, length) => all.flatMap((head) => Array.from({ length }, (_, i) => [...head, i])),
    [[]],
  )
}

/** The view whose element at `c` is the old one at `from(c)`. */
export function mapCells(
  view: CellView,
  shape: readonly number[],
  from: (coordinate: readonly number[]) => readonly number[],
): CellView {
  const numbers = new Map(coordinatesOf(view.shape).map((c, i) => [String(c), view.cells[i]!]))
  return { shape, cells: coordinatesOf(shape).map((c) => numbers.get(String(from(c)))!) }
}

/** What Python's `list(range(length))[start:stop:step]` takes. */
export function pythonSlice(
  length: number,
  start: number | null,
  stop: number | null,
  step: number,
): number[] {
  const clamp = (value: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, value < 0 ? value + length : value))
  const taken: number[] = []
  if (step > 0) {
    const end = stop === null ? length : clamp(stop, 0, length)
    for (let i = start === null ? 0 : clamp(start, 0, length); i < end; i += step) taken.push(i)
  } else {
    const end = stop === null ? -1 : clamp(stop, -1, length - 1)
    for (let i = start === null ? length - 1 : clamp(start, -1, length - 1); i > end; i += step)
      taken.push(i)
  }
  return taken
}

/** Whether some strides give these cells in this shape, so that a view can have it. */
export function isStrided({ shape, cells }: CellView): boolean {
  if (cells.length === 0) return true
  const coordinates = coordinatesOf(shape)
  const at = new Map(coordinates.map((c, i) => [String(c), cells[i]!]))
  const origin = cells[0]!
  const steps = shape.map((length, axis) =>
    length === 1 ? 0 : at.get(String(shape.map((_, i) => (i === axis ? 1 : 0))))! - origin,
  )
  return coordinates.every(
    (c, i) => cells[i] === origin + c.reduce((sum, x, axis) => sum + x * steps[axis]!, 0),
  )
}
