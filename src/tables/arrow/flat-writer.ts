/** Writes flatbuffers. */

/** A field of a table. */
export type FlatField =
  | { readonly bits: 8 | 16 | 32 | 64; readonly value: number | bigint }
  | { readonly text: string }
  | { readonly table: FlatFields }
  | { readonly tables: readonly FlatFields[] }
  /** Structs of 8-byte alignment, `bytes` each. */
  | { readonly structs: Uint8Array; readonly bytes: number }

/** Fields of a table by number; those that are left out are absent. */
export type FlatFields = Readonly<Record<number, FlatField>>

/**
 * A flatbuffer of one table. Tables come before what they point to.
 *
 * @returns a multiple of 8 bytes
 * @see flatbuffers.dev/internals
 */
export function writeFlatBuffer(root: FlatFields): Uint8Array {
  const writer = new FlatWriter()
  const at = writer.take(4, 4)
  writer.point(at, writer.table(root))
  return writer.finish()
}

class FlatWriter {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #end = 0

  /** Room for so many bytes at the end, aligned. Returns where it begins. */
  take(bytes: number, alignment: number): number {
    const at = Math.ceil(this.#end / alignment) * alignment
    this.#end = at + bytes
    if (this.#end > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#end)
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }

  /** Writes at a place how far ahead another one is. */
  point(at: number, target: number): void {
    this.#view.setUint32(at, target - at, true)
  }

  table(fields: FlatFields): number {
    const numbers = Object.keys(fields).map(Number)
    const placesBytes = 4 + 2 * (Math.max(-1, ...numbers) + 1)
    const places = this.take(placesBytes, 2)
    // The largest first, so that no room is lost between them.
    const order = numbers.toSorted((a, b) => sizeOf(fields[b]!) - sizeOf(fields[a]!))
    let bytes = 4
    const offsets = new Map<number, number>()
    for (const number of order) {
      const size = sizeOf(fields[number]!)
      bytes = Math.ceil(bytes / size) * size
      offsets.set(number, bytes)
      bytes += size
    }
    const at = this.take(bytes, 8)
    this.#view.setInt32(at, at - places, true)
    this.#view.setUint16(places, placesBytes, true)
    this.#view.setUint16(places + 2, bytes, true)
    for (const [number, offset] of offsets) {
      this.#view.setUint16(places + 4 + 2 * number, offset, true)
      this.#field(at + offset, fields[number]!)
    }
    return at
  }

  #field(at: number, field: FlatField): void {
    if ('value' in field) this.#number(at, field)
    else if ('text' in field) this.point(at, this.#text(field.text))
    else if ('table' in field) this.point(at, this.table(field.table))
    else if ('tables' in field) this.point(at, this.#tables(field.tables))
    else this.point(at, this.#structs(field.structs, field.bytes))
  }

  #number(at: number, { bits, value }: { bits: number; value: number | bigint }): void {
    if (bits === 64) this.#view.setBigInt64(at, BigInt(value), true)
    else if (bits === 32) this.#view.setInt32(at, Number(value), true)
    else if (bits === 16) this.#view.setInt16(at, Number(value), true)
    else this.#view.setInt8(at, Number(value))
  }

  #text(text: string): number {
    const bytes = new TextEncoder().encode(text)
    const at = this.take(4 + bytes.length + 1, 4)
    this.#view.setUint32(at, bytes.length, true)
    this.#bytes.set(bytes, at + 4)
    return at
  }

  #tables(tables: readonly FlatFields[]): number {
    const at = this.take(4 + 4 * tables.length, 4)
    this.#view.setUint32(at, tables.length, true)
    for (const [i, fields] of tables.entries()) this.point(at + 4 + 4 * i, this.table(fields))
    return at
  }

  #structs(structs: Uint8Array, bytes: number): number {
    // The structs are aligned, not the number of them before.
    const first = this.take(8, 8)
    this.take(structs.length, 8)
    this.#view.setUint32(first + 4, structs.length / bytes, true)
    this.#bytes.set(structs, first + 8)
    return first + 4
  }

  finish(): Uint8Array {
    this.take(0, 8)
    return this.#bytes.slice(0, this.#end)
  }
}

function sizeOf(field: FlatField): number {
  return 'bits' in field ? field.bits / 8 : 4
}
