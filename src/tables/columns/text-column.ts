/** TextColumn: texts as UTF-8 bytes one after the other. */

import { array, NDArray, shared } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { CategoryColumn } from './category-column.ts'
import { ColumnBase, type ColumnOptions, requireColumnArray, type Source } from './column-base.ts'
import {
  loadValidity,
  requireSavedName,
  requireSavedValues,
  saveValidity,
} from './saved-columns.ts'
import { sliceValidity, type Validity } from './validity.ts'

/** Types of places in the bytes of texts. */
export type OffsetType = 'int32' | 'int64'

export const offsetTypes: readonly OffsetType[] = ['int32', 'int64']

/** Where the texts of a column lie; both arrays are kept, not copied. */
export interface TextArrays {
  /** Where each text begins in `bytes`, and where the last one ends: int32 or int64, shape (n + 1), ascending. */
  readonly offsets: NDArray<OffsetType>
  /** The texts in UTF-8, one after the other, shape (m). */
  readonly bytes: NDArray<'uint8'>
}

/**
 * A column of texts that are mostly different, such as names or notes: bytes in place, decoded when a text is asked for. Texts of which
 * many are equal take less memory as a {@link CategoryColumn}, which models take, too.
 *
 * @see arrow.apache.org/docs/format/Columnar.html#variable-size-binary-layout
 */
export class TextColumn extends ColumnBase {
  readonly kind = 'text'
  #source: Source<TextArrays>
  #isChecked = false

  /**
   * @param name - name of the column
   * @param arrays - offsets and bytes, or a function that gives them on first use
   * @param options - which rows have no text; default: every row has one
   * @throws OneCopyError `ERR_SHAPE` for more than one axis or no offset, `ERR_DTYPE`, `ERR_FORMAT` for offsets outside of the bytes;
   * TypeError for no NDArray
   */
  constructor(name: string, arrays: Source<TextArrays>, options?: ColumnOptions) {
    super(name, options)
    this.#source = arrays
    // What is there is checked at once.
    if (typeof arrays === 'object') void [this.#arrays, this.validity]
  }

  /** A column of texts; null where there is none. They are copied to shared memory. */
  static from(name: string, texts: readonly (string | null)[]): TextColumn {
    return new TextColumn(name, packTexts(texts), { validity: validityOf(texts) })
  }

  /**
   * Where each text begins in {@link TextColumn.bytes}, and where the last one ends, shape (n + 1).
   *
   * @throws OneCopyError `ERR_DETACHED` when the table was disposed of
   */
  get offsets(): NDArray<OffsetType> {
    return this.#arrays.offsets
  }

  /**
   * The texts in UTF-8, one after the other.
   *
   * @throws OneCopyError `ERR_DETACHED` when the table was disposed of
   */
  get bytes(): NDArray<'uint8'> {
    return this.#arrays.bytes
  }

  override get size(): number {
    return this.#arrays.offsets.size - 1
  }

  override get arrays(): readonly NDArray[] {
    const { offsets, bytes } = this.#arrays
    const { validity } = this
    return validity === undefined ? [offsets, bytes] : [offsets, bytes, validity]
  }

  /** @internal */
  override get knownArrays(): readonly NDArray[] {
    const known = super.knownArrays
    if (typeof this.#source === 'function') return known
    return [this.#source.offsets, this.#source.bytes, ...known]
  }

  /**
   * The text in row `row`, which is decoded; null when there is none.
   *
   * @throws OneCopyError `ERR_FORMAT` for offsets that are damaged
   */
  override get(row: number): string | null {
    const at = this.rowAt(row)
    if (this.lacksBit(at)) return null
    const [from, to] = this.#placeOf(at)
    const { data } = this.bytes
    return Buffer.from(data.buffer, from, to - from).toString('utf8')
  }

  override text(row: number): string | null {
    return this.get(row)
  }

  /** A list of all texts; null where there is none. */
  toArray(): (string | null)[] {
    return Array.from({ length: this.size }, (_, row) => this.get(row))
  }

  /**
   * The same texts as codes and a list of the distinct ones, in order of first appearance, for models and groups. The codes are a copy in shared
   * memory, and the distinct texts are decoded.
   */
  toCategories(): CategoryColumn {
    const { size } = this
    const isMissing = this.missingTest()
    const places = new Map<string, number>()
    const codes = shared([size], 'int32')
    const { data } = codes
    for (let row = 0; row < size; row++) {
      if (isMissing(row)) {
        data[row] = -1
        continue
      }
      const text = this.get(row)!
      let place = places.get(text)
      if (place === undefined) places.set(text, (place = places.size))
      data[row] = place
    }
    return new CategoryColumn(this.name, codes, Object.freeze([...places.keys()]))
  }

  /** The same column under another name; it shares the memory. */
  renamed(name: string): TextColumn {
    return new TextColumn(name, () => this.#arrays, this.options)
  }

  /** Rows `start` up to `stop`; it shares the memory, but for a bitmap where `start` is no multiple of 8. */
  rows(start: number, stop: number): TextColumn {
    const { validity } = this
    const { offsets, bytes } = this.#arrays
    return new TextColumn(
      this.name,
      { offsets: offsets.rows(start, stop + 1), bytes },
      { validity: validity && sliceValidity(validity, start, stop) },
    )
  }

  get #arrays(): TextArrays {
    if (typeof this.#source === 'function') this.#source = this.#source()
    const { offsets, bytes } = this.#source
    if (!this.#isChecked) requireTextArrays(this.name, this.#source)
    this.#isChecked = true
    for (const one of [offsets, bytes]) if (one.mapping?.isGone === true) requireAttached(one)
    return this.#source
  }

  /** First byte and end of a text in the buffer of the bytes. */
  #placeOf(row: number): [from: number, to: number] {
    const { offsets, bytes } = this.#arrays
    const [from, to] = [Number(offsets.get(row)), Number(offsets.get(row + 1))]
    if (from >= 0 && from <= to && to <= bytes.size) {
      const start = bytes.data.byteOffset + bytes.offset
      return [start + from, start + to]
    }
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected the text in row ${row} (counted from 0) of column '${this.name}' inside of its ${bytes.size} bytes, got bytes ` +
        `${from} to ${to}. Its offsets are damaged.`,
      { details: { column: this.name, row } },
    )
  }
}

interface TextState {
  readonly name: unknown
  readonly offsets: unknown
  readonly bytes: unknown
  readonly validity?: unknown
}

registerOwnClass<TextColumn, TextState>(TextColumn, {
  name: 'onecopy.TextColumn',
  version: 1,
  module: import.meta.url,
  save: (column) => {
    const { name, offsets, bytes } = column
    return { name, offsets, bytes, ...saveValidity(column) }
  },
  load: (state) => {
    const arrays = {
      offsets: requireSavedValues({ values: state.offsets }, offsetTypes),
      bytes: requireSavedValues({ values: state.bytes }, ['uint8']),
    }
    return new TextColumn(requireSavedName(state), arrays, { validity: loadValidity(state) })
  },
})

/** Checks what can be checked without reading all offsets; each text is checked when it is asked for. */
function requireTextArrays(name: string, arrays: TextArrays): void {
  if (typeof (arrays as unknown) !== 'object' || (arrays as unknown) === null)
    throw new TypeError(
      `Expected offsets and bytes for column '${name}', as in { offsets, bytes }, got ${show(arrays)}.`,
    )
  const offsets = requireColumnArray(name, 'the offsets', arrays.offsets, offsetTypes)
  const bytes = requireColumnArray(name, 'the bytes', arrays.bytes, ['uint8'])
  if (offsets.size === 0 || !bytes.isContiguous) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected one offset more than there are texts, and bytes without gaps, for column '${name}', got ${offsets.size} ` +
        `offsets and bytes with strides [${bytes.strides.join(', ')}].`,
      { details: { column: name } },
    )
  }
  const [first, last] = [Number(offsets.get(0)), Number(offsets.get(offsets.size - 1))]
  if (first >= 0 && first <= last && last <= bytes.size) return
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected texts inside of the ${bytes.size} bytes of column '${name}', got offsets from ${first} to ${last}.`,
    { details: { column: name } },
  )
}

function packTexts(texts: readonly (string | null)[]): TextArrays {
  const lengths = texts.map((text) => (text === null ? 0 : Buffer.byteLength(text)))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const isLong = total > 2 ** 31 - 1
  const offsets = shared([texts.length + 1], isLong ? 'int64' : 'int32')
  const bytes = shared([Math.max(1, total)], 'uint8').rows(0, total)
  const to = Buffer.from(bytes.buffer, bytes.data.byteOffset, total)
  let at = 0
  for (const [i, text] of texts.entries()) {
    if (text !== null) to.write(text, at, 'utf8')
    at += lengths[i]!
    offsets.data[i + 1] = (isLong ? BigInt(at) : at) as never
  }
  return { offsets, bytes }
}

/** The bitmap of a list in which null means that there is no value; undefined when there is none. */
function validityOf(texts: readonly unknown[]): Validity | undefined {
  if (!texts.includes(null)) return undefined
  const bits = new Uint8Array(Math.ceil(texts.length / 8))
  for (const [i, text] of texts.entries()) if (text !== null) bits[i >> 3]! |= 1 << (i & 7)
  return array(bits)
}
