/** Columns whose values are codes into a dictionary of texts. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { CategoryColumn, type CodeType } from '../columns/category-column.ts'
import { isValid } from '../columns/validity.ts'
import type { ArrowMemory } from './arrow-memory.ts'
import type { DictionaryBatch } from './arrow-messages.ts'
import { readTexts, textWidth } from './arrow-texts.ts'
import type { ArrowField } from './arrow-type.ts'
import { type ColumnPart, splitBatches } from './column-parts.ts'
import { damagedArrow } from './flat-buffer.ts'
import type { OpenedColumn } from './opened-column.ts'

/** Dictionaries of a file or stream. */
export interface Dictionaries {
  readonly batches: readonly DictionaryBatch[]
  readonly form: 'file' | 'stream'
}

/** Texts that hold for some batches of rows. */
interface Generation {
  /** The first batch of rows that it holds for. */
  readonly after: number
  readonly parts: ColumnPart[]
}

/** What the codes of all generations become. */
interface Recoding {
  readonly texts: readonly string[]
  /** For each generation what its codes become; -1 for none. */
  readonly codes: readonly Int32Array[]
  /** Whether codes stay as they are. */
  readonly isIdentity: boolean
}

/**
 * Opens a column of codes. Texts are decoded when they are first asked for. Equal texts of a dictionary, and those that replace others on
 * the way, are made one; null texts are missing values.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function openCategories(
  memory: ArrowMemory,
  field: ArrowField,
  parts: readonly ColumnPart[],
  dictionaries: Dictionaries,
): OpenedColumn {
  const generations = generationsOf(memory, field, dictionaries)
  const { codes } = field.dictionary!
  const dtype = `${codes.signed ? '' : 'u'}int${codes.bits}` as const
  const width = textWidth(field.type)!
  const recoding = once(() => recode(generations.map((one) => decode(memory, one.parts, width))))
  const isNarrow = dtype !== 'int64' && dtype !== 'uint64'
  const reason =
    generations.length > 1
      ? 'its dictionary is replaced on the way'
      : isNarrow
        ? memory.copyReason(parts, { dtype, buffer: 1 })
        : 'its codes have 64 bits'
  const staysCoded = (): boolean => isNarrow && recoding().isIdentity
  const values = (): NDArray<CodeType> =>
    isNarrow && staysCoded()
      ? memory.elements(parts, { dtype, buffer: 1 })
      : recodeParts(memory, field, { parts, dtype, generations, codes: recoding().codes })
  const validity = () => (staysCoded() ? memory.validity(parts) : undefined)
  const column = new CategoryColumn(field.name, values, () => recoding().texts, { validity })
  return { column, reason }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function generationsOf(
  { path }: ArrowMemory,
  field: ArrowField,
  { batches, form }: Dictionaries,
): Generation[] {
  const { dictionary, ...texts } = field
  const generations: Generation[] = []
  for (const batch of batches) {
    if (batch.id !== dictionary!.id) continue
    const parts = splitBatches(path, [texts], [batch])[0]!
    const last = generations.at(-1)
    if (batch.isDelta && last !== undefined) last.parts.push(...parts)
    else if (batch.isDelta)
      throw damagedArrow(path, `texts of column '${field.name}' before more of them`, 'none')
    else if (last !== undefined && form === 'file')
      throw damagedArrow(
        path,
        `one dictionary of column '${field.name}'`,
        'another one in its place',
      )
    else generations.push({ after: batch.after, parts })
  }
  return generations
}

/** The texts of a generation; null where there is none. */
function decode(
  memory: ArrowMemory,
  parts: readonly ColumnPart[],
  width: 4 | 8 | 'view',
): (string | null)[] {
  const { offsets, bytes } = readTexts(memory, parts, width)
  const validity = memory.validity(parts)
  const decoder = new TextDecoder()
  const { data, offset } = bytes
  return Array.from({ length: offsets.size - 1 }, (_, i) => {
    if (validity !== undefined && !isValid(validity, i)) return null
    const [start, stop] = [Number(offsets.get(i)), Number(offsets.get(i + 1))]
    if (start < 0 || stop < start || stop > bytes.size)
      throw damagedArrow(
        memory.path,
        `texts inside ${bytes.size} bytes of a dictionary`,
        `${start} to ${stop}`,
      )
    // A copy, since text is not decoded from shared memory.
    return decoder.decode(data.slice(offset + start, offset + stop))
  })
}

function recode(generations: readonly (string | null)[][]): Recoding {
  const numbers = new Map<string, number>()
  let isIdentity = generations.length <= 1
  const codes = generations.map((texts) =>
    Int32Array.from(texts, (text, i) => {
      const code = text === null ? -1 : (numbers.get(text) ?? numbers.size)
      if (text !== null) numbers.set(text, code)
      isIdentity &&= code === i
      return code
    }),
  )
  return { texts: [...numbers.keys()], codes, isIdentity }
}

interface CodedParts {
  readonly parts: readonly ColumnPart[]
  readonly dtype: CodeType | 'int64' | 'uint64'
  readonly generations: readonly Generation[]
  readonly codes: readonly Int32Array[]
}

/** Codes of one list of texts, -1 for none, in shared memory. */
function recodeParts(
  memory: ArrowMemory,
  field: ArrowField,
  { parts, dtype, generations, codes }: CodedParts,
): NDArray<'int32'> {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0)
  const result = shared([total], 'int32')
  let first = 0
  for (const [i, part] of parts.entries()) {
    const own = codes[generations.findLastIndex(({ after }) => after <= i)] ?? new Int32Array()
    const raw = memory.elements([part], { dtype, buffer: 1 })
    const validity = memory.validity([part])
    for (let row = 0; row < part.rows; row++) {
      const isMissing = validity !== undefined && !isValid(validity, row)
      const code = isMissing ? -1 : own[Number(raw.data[raw.offset + row])]
      if (code === undefined)
        throw damagedArrow(
          memory.path,
          `codes below ${own.length} in column '${field.name}'`,
          `${raw.get(row)} in row ${first + row} (counted from 0)`,
        )
      result.data[result.offset + first + row] = code
    }
    first += part.rows
  }
  return result
}
