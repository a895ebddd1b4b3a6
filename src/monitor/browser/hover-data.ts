/** The data that the HTML report passes to its script. */

/** JSON in the element `#samples`. */
export interface HoverData {
  /** Edges of the frame in the pixels of the picture. */
  readonly left: number
  readonly right: number
  readonly durationMs: number
  /** Milliseconds after the start, rising. */
  readonly times: readonly number[]
  /** The phase at each time, as an index into `phaseNames`; -1 for none. */
  readonly phases: readonly number[]
  readonly phaseNames: readonly string[]
  /** For each picture its lines from the top down. */
  readonly pictures: readonly (readonly HoverLine[])[]
}

/** A line of a picture, with a value at each of the times. */
export interface HoverLine {
  readonly label: string
  /** The name of the colour; empty for a line that is not a layer. */
  readonly ink: string
  /** Memory in KiB, the unit of the kernel; `null` where it is not known. */
  readonly valuesKiB: readonly (number | null)[]
}
