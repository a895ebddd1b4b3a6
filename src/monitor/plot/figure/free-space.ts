/** Keeps labels from overlapping. */

/** A rectangle; `x` and `y` are its upper left corner. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** An area of a picture and what it contains already. */
export class FreeSpace {
  readonly #bounds: Box
  readonly #taken: Box[] = []

  /** @param bounds - what every box must lie in */
  constructor(bounds: Box) {
    this.#bounds = bounds
  }

  /** Everything that was taken so far. */
  get taken(): readonly Box[] {
    return this.#taken
  }

  /** Takes room whether it is free or not. */
  take(...boxes: readonly Box[]): void {
    this.#taken.push(...boxes)
  }

  /**
   * Takes the first of several places that is free; a place may be several boxes, such as a label
   * and the line that leads to it.
   *
   * @returns the number of the place, or -1 when none is free
   */
  takeFirst(places: readonly (readonly Box[])[]): number {
    const found = places.findIndex((boxes) => boxes.every((box) => this.#isFree(box)))
    if (found >= 0) this.take(...places[found]!)
    return found
  }

  #isFree(box: Box): boolean {
    return contains(this.#bounds, box) && !this.#taken.some((other) => overlap(box, other))
  }
}

/** Whether two boxes share more than an edge. */
export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** Rounding must not push a box out of bounds that it was made to fit. */
const tolerance = 1e-6

function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x - tolerance &&
    inner.y >= outer.y - tolerance &&
    inner.x + inner.width <= outer.x + outer.width + tolerance &&
    inner.y + inner.height <= outer.y + outer.height + tolerance
  )
}
