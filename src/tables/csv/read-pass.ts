/** Reads a CSV file once, in bounded memory. */

import type { NDArray } from '../../arrays/index.ts'
import {
  type BlockType,
  type ColumnMaker,
  type ColumnPlace,
  noInteger,
} from '../blocks/block-layout.ts'
import { CategoryColumn } from '../columns/category-column.ts'
import type { Column } from '../columns/columns.ts'
import { NumberColumn } from '../columns/number-column.ts'
import type { SettledOptions } from './csv-options.ts'
import { type CsvSource, requireUnchanged } from './source/csv-source.ts'
import { type Note, noteComma, noteFormatted, noteNumber, noteStrays } from './describe-notes.ts'
import type { Dictionary } from '../columns/dictionary.ts'
import { FileChunks } from './source/file-chunks.ts'
import { removeThousands } from '../numbers/thousands.ts'
import { makePause } from './pause.ts'
import { RowScanner } from './row-scanner.ts'
import type { FieldPlan } from './row-rules.ts'
import { RowStore } from '../blocks/row-store.ts'
import type { Layout } from './sniff.ts'

/** What all passes over a file share. */
export interface PassContext {
  readonly source: CsvSource
  readonly layout: Layout
  readonly options: SettledOptions
  readonly makeColumns: ColumnMaker
  /** Folder whose disk holds what is read; undefined for memory. */
  readonly scratch: string | undefined
}

/** The result of a pass. */
export interface PassResult {
  readonly rows: number
  /** Columns by their place in the file. */
  readonly columns: ReadonlyMap<number, Column>
  /** The memory of the columns. */
  readonly memory: readonly NDArray[]
  /** Numeric columns in which a text was found; they must be read again. */
  readonly givenUp: ReadonlySet<number>
  /** Where values differ from the text of the file. */
  readonly notes: readonly Note[]
}

/** Some rows of a pass; their notes are those of all rows so far. */
export interface PassPart extends PassResult {
  readonly isLast: boolean
}

/**
 * Reads the columns that `plans` names.
 *
 * @param context - the file, its layout and where columns go
 * @param plans - for each column of the file how to read it
 * @param pass - number of this pass, for the progress
 * @throws CsvFault; OneCopyError `ERR_FILE` when the file changes meanwhile
 */
export async function readPass(
  context: PassContext,
  plans: readonly FieldPlan[],
  pass: 1 | 2,
): Promise<PassResult> {
  const reading = new Pass(context, plans, pass)
  try {
    await reading.scan()
    return await reading.finish()
  } finally {
    reading.close()
  }
}

/**
 * Reads the columns that `plans` names part by part, each of at least so many rows, but the last one. No column is given up: plans
 * are strict. A part is freed by whoever gets it.
 *
 * @throws as {@link readPass}
 */
export async function* readParts(
  context: PassContext,
  plans: readonly FieldPlan[],
  leastRows: number,
): AsyncGenerator<PassPart, void> {
  const reading = new Pass(context, plans, 1)
  try {
    yield* reading.parts(leastRows)
  } finally {
    reading.close()
  }
}

/** One pass while it reads. */
class Pass {
  readonly #context: PassContext
  readonly #plans: readonly FieldPlan[]
  readonly #number: 1 | 2
  readonly #scanner: RowScanner
  readonly #chunk: FileChunks
  #store: RowStore
  /** Rows without a value, for each column of the file. */
  readonly #missing: Float64Array
  readonly #pause: () => Promise<void>
  /** Bytes of the chunk that were scanned. */
  #used = 0
  /** Rows of the parts that were given. */
  #rowsBefore = 0

  constructor(context: PassContext, plans: readonly FieldPlan[], number: 1 | 2) {
    const { source, layout, options } = context
    const { start, dialect } = layout
    this.#context = context
    this.#plans = plans
    this.#number = number
    this.#scanner = makeScanner(plans, context)
    this.#chunk = new FileChunks(
      source.file,
      start,
      source.size,
      dialect.newline,
      options.chunkBytes,
    )
    this.#store = new RowStore(context.makeColumns, context.scratch)
    this.#missing = new Float64Array(plans.length)
    this.#pause = makePause(options.signal, () => this.#report())
  }

  /** Scans the whole file. */
  async scan(): Promise<void> {
    const [scanner, chunk] = [this.#scanner, this.#chunk]
    while (chunk.next(this.#used)) {
      this.#used = scanner.scan(chunk, 0)
      while (scanner.isFull) {
        this.#takeBlock()
        this.#used = scanner.scan(chunk, this.#used)
      }
      if (scanner.isDone) break
      await this.#pause()
    }
    if (!scanner.isDone) this.#used = chunk.end
    this.#takeBlock()
    requireUnchanged(this.#context.source)
  }

  /** Scans the whole file, and makes columns of each part when it has enough rows. */
  async *parts(leastRows: number): AsyncGenerator<PassPart, void> {
    const [scanner, chunk] = [this.#scanner, this.#chunk]
    while (chunk.next(this.#used)) {
      this.#used = scanner.scan(chunk, 0)
      while (scanner.isFull) {
        this.#takeBlock(leastRows)
        if (this.#store.rows >= leastRows) {
          yield { ...(await this.#makePart()), isLast: false }
          this.#rowsBefore += this.#store.rows
          this.#store[Symbol.dispose]()
          this.#store = new RowStore(this.#context.makeColumns, this.#context.scratch)
          this.#missing.fill(0)
        }
        this.#used = scanner.scan(chunk, this.#used)
      }
      if (scanner.isDone) break
      await this.#pause()
    }
    if (!scanner.isDone) this.#used = chunk.end
    this.#takeBlock(leastRows)
    requireUnchanged(this.#context.source)
    yield { ...(await this.#makePart()), isLast: true }
  }

  /** Makes columns of what was scanned. */
  finish(): Promise<PassResult> {
    for (const k of this.#plans.keys()) this.#scanner.dictionaryOf(k)?.close()
    return this.#makePart()
  }

  async #makePart(): Promise<PassResult> {
    const [scanner, store, plans] = [this.#scanner, this.#store, this.#plans]
    const read = [...plans.keys()].filter((k) => plans[k]!.kind !== 'skip')
    const { rows } = store
    const places = await store.layOut(
      () => placeColumns(this.#context.makeColumns, scanner, read, rows),
      this.#pause,
    )
    this.#report()
    const columns = new Map<number, Column>()
    const bitmaps: NDArray[] = []
    for (const k of read) {
      const place = places.get(k)
      if (place === undefined) continue
      const dictionary = scanner.dictionaryOf(k)
      const missing = this.#missing[k]!
      const hasBitmap = missing > 0 && place.memory.dtype === 'int64'
      const bitmap = hasBitmap ? this.#makeBitmap(k, place, rows) : undefined
      if (bitmap !== undefined) bitmaps.push(bitmap.memory)
      columns.set(k, makeColumn(plans[k]!.name, place, rows, { missing, bitmap, dictionary }))
    }
    const memory = [...new Set([...places.values()].map((place) => place.memory)), ...bitmaps]
    return { rows, columns, memory, givenUp: scanner.givenUp, notes: takeNotes(scanner, columns) }
  }

  /** A bit for each row of whole numbers, and 0 in the place of those that are missing. */
  #makeBitmap(column: number, { memory, start }: ColumnPlace, rows: number): ColumnPlace {
    const bytes = Math.ceil(rows / 8)
    const [place] = this.#context.makeColumns('uint8', [column], bytes, 'validity')
    const [values, bits] = [memory.data as BigInt64Array, place!.memory.data as Uint8Array]
    for (let row = 0; row < rows; row++)
      if (values[start + row] === noInteger) values[start + row] = 0n
      else bits[place!.start + (row >>> 3)]! |= 1 << (row & 7)
    return place!
  }

  /** Frees what is not part of the result. */
  close(): void {
    this.#store[Symbol.dispose]()
  }

  /** @param atMost - rows that are kept at once, where not all are */
  #takeBlock(atMost = Infinity): void {
    const { block } = this.#scanner
    for (const { column } of block.layout) {
      this.#missing[column]! += this.#scanner.countMissing(column)
      this.#scanner.checkWhole(column)
    }
    const { layout, source } = this.#context
    const done = (this.#chunk.offset + this.#used - layout.start) / (source.size - layout.start)
    const all = Math.min(
      this.#context.options.rowLimit,
      Math.ceil((this.#rowsBefore + this.#store.rows + block.rows) / done),
    )
    this.#store.append(block, Math.min(all - this.#rowsBefore, atMost + block.rows))
    this.#scanner.startBlock()
  }

  #report(): void {
    const { source, options } = this.#context
    const bytes = this.#chunk.offset + this.#used
    const rows = this.#rowsBefore + this.#store.rows
    options.onProgress({ bytes, totalBytes: source.size, rows, pass: this.#number })
  }
}

function makeScanner(plans: readonly FieldPlan[], { layout, options }: PassContext): RowScanner {
  const { dialect, start, firstByte, endsBlank } = layout
  const { missing, trailingDelimiter, rowNames } = options
  const otherDelimiter = options.delimiter === undefined ? undefined : layout.otherDelimiter
  return new RowScanner(plans, {
    dialect,
    missing,
    fillsShortRows: options.shortRows === 'fill',
    trailingDelimiter,
    rowLimit: options.rowLimit,
    trim: options.trim,
    removeThousands: removeThousands(options.thousands, options.decimal),
    start,
    firstRow: { firstByte, endsBlank, rowNames, otherDelimiter },
  })
}

/** Notes on the columns that were read to the end. */
function takeNotes(scanner: RowScanner, columns: ReadonlyMap<number, Column>): Note[] {
  const { notes } = scanner
  const numbers = notes.values.flatMap((note) => {
    const column = columns.get(note.column)
    // What was rounded at first is exact in a column of 64 bits.
    if (column === undefined || (note.kind === 'rounded' && scanner.isWide(note.column))) return []
    return [noteNumber(column.name, note)]
  })
  const texts = [...notes.strays].flatMap(([k, strays]) => {
    const column = columns.get(k)
    return column?.kind === 'category' ? (noteStrays(column, strays) ?? []) : []
  })
  const named = new Set(texts.map(({ column }) => column))
  const commas = [...notes.commas].flatMap(([k, text]) => {
    const name = columns.get(k)?.name
    return name === undefined || named.has(name) ? [] : noteComma(name, text)
  })
  const formatted = [...notes.formatted].flatMap(([k, text]) => {
    const name = columns.get(k)?.name
    const isKnown = name === undefined || named.has(name) || notes.commas.has(k)
    return isKnown ? [] : noteFormatted(name, text)
  })
  return [...numbers, ...texts, ...commas, ...formatted]
}

/** Allocates the columns that were read to the end, all of one dtype together. */
function placeColumns(
  makeColumns: ColumnMaker,
  scanner: RowScanner,
  read: readonly number[],
  rows: number,
): Map<number, ColumnPlace> {
  const byType = Map.groupBy(
    read.filter((k) => !scanner.givenUp.has(k)),
    (k) => dtypeOf(scanner.dictionaryOf(k), scanner.isWide(k)),
  )
  const places = new Map<number, ColumnPlace>()
  for (const [dtype, columns] of byType) {
    for (const [i, place] of makeColumns(dtype, columns, rows).entries())
      places.set(columns[i]!, place)
  }
  return places
}

/** The dtype of numbers, or the shortest one that holds all codes and -1. */
function dtypeOf(dictionary: Dictionary | undefined, isWide: boolean): BlockType {
  if (dictionary === undefined) return isWide ? 'int64' : 'float64'
  return dictionary.size <= 128 ? 'int8' : dictionary.size <= 32_768 ? 'int16' : 'int32'
}

/** Makes a column of a table. Its array is made on first use, as a table may have thousands. */
function makeColumn(
  name: string,
  place: ColumnPlace,
  rows: number,
  {
    missing,
    bitmap,
    dictionary,
  }: { missing: number; bitmap: ColumnPlace | undefined; dictionary: Dictionary | undefined },
): Column {
  const open = (): NDArray => arrayAt(place, rows)
  if (dictionary === undefined) {
    const validity = bitmap && (() => arrayAt(bitmap, Math.ceil(rows / 8)) as NDArray<'uint8'>)
    return new NumberColumn(name, open as () => NDArray<'float64'>, { missing, validity })
  }
  const categories = (): readonly string[] => [...dictionary.categories()]
  return new CategoryColumn(name, open as () => NDArray<'int32'>, categories, missing)
}

function arrayAt({ memory, row }: ColumnPlace, size: number): NDArray {
  return row === undefined ? memory : (memory as NDArray).slice(row, [0, size])
}
