/** Mapped memory: one mapping per file or scratch segment. */

/** How a mapping may be written: `'c'` private copy-on-write, `'r+'` shared. */
export type MappingMode = 'c' | 'r+'

/** A mapped file or scratch segment. */
export interface Mapping {
  readonly kind: 'file' | 'scratch'
  /** Number in the process-wide registry of the core. */
  readonly id: number
  readonly byteLength: number
  readonly mode: MappingMode
  readonly path?: string
  discard(): void
}
