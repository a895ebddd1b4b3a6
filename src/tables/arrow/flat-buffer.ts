/** Reads flatbuffers, whose every offset and length is checked. */

import { OneCopyError } from '../../errors.ts'

/** Tables nested in each other, at most. */
const mostLevels = 64

/** Metadata of a file, and what errors call it. */
export interface FlatSource {
  /** The file. */
  readonly path: string
  /** Byte of the file at which the metadata begins. */
  readonly start: number
  /** The metadata alone, in private memory: a mapped file may change while it is read. */
  readonly view: DataView
  /** How many tables may still be opened: a table can be named many times over. */
  tables: number
  /** How many bytes of texts may still be decoded, likewise. */
  textBytes: number
}

/** Writers share equal texts, such as time zones: all that are decoded may have this many times the bytes of the metadata. */
const mostSharing = 64

/** The error for a file that isn't as its format says. */
export function damagedArrow(path: string, expected: string, got: string): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${expected} in the Arrow file ${path}, got ${got}. The file is damaged or was cut off.`,
    { details: { path, expected, got } },
  )
}

/**
 * The error for a sound file with something that can't be read here.
 *
 * @param way - what to do, as a sentence
 */
export function unsupportedArrow(
  path: string,
  { expected, got, way }: { readonly expected: string; readonly got: string; readonly way: string },
): OneCopyError {
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${expected} in the Arrow file ${path}, got ${got}. ${way}`,
    { details: { path, expected, got } },
  )
}

/** A table of a flatbuffer: fields by number, each of which may be absent. */
export class FlatTable {
  readonly #source: FlatSource
  readonly #at: number
  readonly #level: number
  /** Where the list of the fields' places begins, and its bytes. */
  readonly #places: number
  readonly #placesBytes: number

  private constructor(source: FlatSource, at: number, level: number) {
    this.#source = source
    this.#at = at
    this.#level = level
    if (source.tables-- <= 0 || level > mostLevels) throw this.#damaged(at, 'fewer nested tables')
    this.#require(at, 4)
    this.#places = at - source.view.getInt32(at, true)
    this.#require(this.#places, 4)
    this.#placesBytes = source.view.getUint16(this.#places, true)
    this.#require(this.#places, this.#placesBytes)
  }

  /**
   * The table that a flatbuffer consists of.
   *
   * @param path - what errors call the file
   * @param bytes - the metadata, which is copied
   * @param start - where in the file it begins
   * @throws OneCopyError `ERR_FORMAT`, here and in all methods, for a place outside the metadata
   */
  static root(path: string, bytes: Uint8Array, start: number): FlatTable {
    const view = new DataView(new Uint8Array(bytes).buffer)
    const tables = bytes.length
    const source: FlatSource = { path, start, view, tables, textBytes: mostSharing * tables }
    if (bytes.length < 4)
      throw damagedArrow(path, `metadata at byte ${start}`, 'fewer than 4 bytes')
    return new FlatTable(source, view.getUint32(0, true), 0)
  }

  /** Whether the field is there. */
  has(field: number): boolean {
    return this.#placeOf(field, 0) !== undefined
  }

  /** A signed number of 8 bits; `otherwise` when the field is absent. */
  int8(field: number, otherwise: number): number {
    const at = this.#placeOf(field, 1)
    return at === undefined ? otherwise : this.#source.view.getInt8(at)
  }

  /** A signed number of 16 bits; `otherwise` when the field is absent. */
  int16(field: number, otherwise: number): number {
    const at = this.#placeOf(field, 2)
    return at === undefined ? otherwise : this.#source.view.getInt16(at, true)
  }

  /** A signed number of 32 bits; `otherwise` when the field is absent. */
  int32(field: number, otherwise: number): number {
    const at = this.#placeOf(field, 4)
    return at === undefined ? otherwise : this.#source.view.getInt32(at, true)
  }

  /** A signed number of 64 bits; 0 when the field is absent. */
  int64(field: number): bigint {
    const at = this.#placeOf(field, 8)
    return at === undefined ? 0n : this.#source.view.getBigInt64(at, true)
  }

  /** A length or place in the file, as {@link FlatTable.int64}. */
  size(field: number): number {
    return this.#sizeAt(this.#placeOf(field, 8))
  }

  /** A text; empty when the field is absent. */
  text(field: number): string {
    const place = this.#vectorOf(field, 1)
    if (place === undefined) return ''
    this.#source.textBytes -= place.length
    if (this.#source.textBytes < 0) throw this.#damaged(place.at, 'fewer bytes of texts')
    return new TextDecoder().decode(
      new Uint8Array(this.#source.view.buffer, place.at, place.length),
    )
  }

  /** A table; undefined when the field is absent. */
  table(field: number): FlatTable | undefined {
    const at = this.#target(this.#placeOf(field, 4))
    return at === undefined ? undefined : new FlatTable(this.#source, at, this.#level + 1)
  }

  /** A list of tables; empty when the field is absent. */
  tables(field: number): FlatTable[] {
    const place = this.#vectorOf(field, 4)
    return Array.from({ length: place?.length ?? 0 }, (_, i) => {
      const at = this.#target(place!.at + 4 * i)!
      return new FlatTable(this.#source, at, this.#level + 1)
    })
  }

  /**
   * A list of structs of 64-bit numbers, which are lengths or places in the file.
   *
   * @param bytes - of a struct
   * @param places - where in it the numbers lie
   * @returns a list of numbers for each struct; empty when the field is absent
   */
  structs(field: number, bytes: number, places: readonly number[]): number[][] {
    const vector = this.#vectorOf(field, bytes)
    return Array.from({ length: vector?.length ?? 0 }, (_, i) =>
      places.map((place) => this.#sizeAt(vector!.at + i * bytes + place)),
    )
  }

  /** A struct's 32-bit number, for structs that have one; see {@link FlatTable.structs}. */
  structInt32(field: number, bytes: number, i: number, place: number): number {
    const vector = this.#vectorOf(field, bytes)!
    return this.#source.view.getInt32(vector.at + i * bytes + place, true)
  }

  #sizeAt(at: number | undefined): number {
    if (at === undefined) return 0
    const value = Number(this.#source.view.getBigInt64(at, true))
    if (value >= -1 && Number.isSafeInteger(value)) return value
    throw this.#damaged(at, 'a length', `${value}`)
  }

  /** Where a field's value lies; undefined when the field is absent. */
  #placeOf(field: number, bytes: number): number | undefined {
    const entry = 4 + 2 * field
    if (entry + 2 > this.#placesBytes) return undefined
    const offset = this.#source.view.getUint16(this.#places + entry, true)
    if (offset === 0) return undefined
    this.#require(this.#at + offset, bytes)
    return this.#at + offset
  }

  /** What the 32-bit offset at a place leads to. */
  #target(at: number | undefined): number | undefined {
    if (at === undefined) return undefined
    return at + this.#source.view.getUint32(at, true)
  }

  /** Where the items of a list begin, and how many there are. */
  #vectorOf(field: number, bytes: number): { at: number; length: number } | undefined {
    const at = this.#target(this.#placeOf(field, 4))
    if (at === undefined) return undefined
    this.#require(at, 4)
    const length = this.#source.view.getUint32(at, true)
    this.#require(at + 4, length * bytes)
    return { at: at + 4, length }
  }

  #require(at: number, bytes: number): void {
    if (at >= 0 && at + bytes <= this.#source.view.byteLength) return
    throw this.#damaged(at, `${bytes} bytes of metadata`, 'a place outside it')
  }

  #damaged(at: number, expected: string, got = 'more than the format allows'): OneCopyError {
    const { path, start } = this.#source
    return damagedArrow(path, `${expected} at byte ${start + at}`, got)
  }
}
