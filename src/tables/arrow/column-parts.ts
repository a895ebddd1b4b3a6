/** Splits the batches of an Arrow file into parts of columns. */

import type { ArrowBatch, Codec, Region } from './arrow-messages.ts'
import type { ArrowField } from './arrow-type.ts'
import { damagedArrow } from './flat-buffer.ts'

/** What a batch holds of a column. */
export interface ColumnPart {
  readonly rows: number
  readonly nulls: number
  /** Which values there are, then what the type says. */
  readonly buffers: readonly Region[]
  readonly codec: Codec | undefined
}

/**
 * The parts of each column, batch by batch.
 *
 * @param path - what errors call the file
 * @returns a list for each field, with a part for each batch
 * @throws OneCopyError `ERR_FORMAT` for a batch with more or fewer buffers than the columns need
 */
export function splitBatches(
  path: string,
  fields: readonly ArrowField[],
  batches: readonly ArrowBatch[],
): ColumnPart[][] {
  const columns: ColumnPart[][] = fields.map(() => [])
  for (const [i, batch] of batches.entries()) {
    const reader = new BatchReader(path, i, batch)
    for (const [j, field] of fields.entries()) {
      const part = reader.take(field)
      if (part.rows !== batch.rows)
        throw damagedArrow(path, `${batch.rows} rows of column '${field.name}'`, `${part.rows}`)
      columns[j]!.push(part)
    }
    reader.end()
  }
  return columns
}

/** Takes the buffers of a batch, column by column. */
class BatchReader {
  readonly #path: string
  readonly #number: number
  readonly #batch: ArrowBatch
  #nodes = 0
  #buffers = 0
  #variadic = 0

  constructor(path: string, number: number, batch: ArrowBatch) {
    this.#path = path
    this.#number = number
    this.#batch = batch
  }

  take(field: ArrowField): ColumnPart {
    const { nodes, buffers, variadic, codec } = this.#batch
    const node = nodes[this.#nodes++]
    if (node === undefined) throw this.#wrong(`rows of column '${field.name}'`, 'none')
    const { own, isVariadic } =
      field.dictionary === undefined ? field.buffers : { own: 2, isVariadic: false }
    const more = isVariadic === true ? (variadic[this.#variadic++] ?? -1) : 0
    const first = this.#buffers
    this.#buffers += own + more
    if (more < 0 || this.#buffers > buffers.length)
      throw this.#wrong(`buffers of column '${field.name}'`, `${buffers.length - first}`)
    // The children of a dictionary's values lie in its own batches.
    if (field.dictionary === undefined) for (const child of field.children) this.take(child)
    return { ...node, buffers: buffers.slice(first, first + own + more), codec }
  }

  end(): void {
    const { nodes, buffers } = this.#batch
    if (this.#nodes === nodes.length && this.#buffers === buffers.length) return
    throw this.#wrong(`${this.#buffers} buffers`, `${buffers.length}`)
  }

  #wrong(expected: string, got: string): Error {
    return damagedArrow(this.#path, `${expected} in batch ${this.#number}`, got)
  }
}
