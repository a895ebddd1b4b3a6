/** Writes messages of Protocol Buffers. */

const text = new TextEncoder()

/** A message that grows field by field. @see protobuf.dev/programming-guides/encoding */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = []
  #size = 0

  /** Bytes so far. */
  get size(): number {
    return this.#size
  }

  /** A whole number, from 0 to 2^53. */
  int(field: number, value: number): this {
    return this.#push(varints([field * 8, value]))
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value))
  }

  /** Bytes, kept and not copied. */
  bytes(field: number, value: Uint8Array): this {
    return this.#push(varints([field * 8 + 2, value.length])).#push(value)
  }

  /** Whole numbers side by side. */
  ints(field: number, values: ArrayLike<number>): this {
    return this.bytes(field, varints(values))
  }

  message(field: number, value: ProtobufWriter): this {
    return this.#push(varints([field * 8 + 2, value.size])).append(value)
  }

  /** Adds the fields of another message. */
  append(other: ProtobufWriter): this {
    for (const part of other.#parts) this.#push(part)
    return this
  }

  /** The bytes in pieces, in order. */
  get pieces(): readonly Uint8Array[] {
    return this.#parts
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    this.#size += bytes.length
    return this
  }
}

/** Whole numbers of at least 0, 7 bits a byte, the lowest first. */
function varints(values: ArrayLike<number>): Uint8Array {
  let size = 0
  for (let i = 0; i < values.length; i++)
    for (let rest = values[i]!; ; rest = Math.floor(rest / 128)) {
      size++
      if (rest < 128) break
    }
  const bytes = new Uint8Array(size)
  for (let i = 0, at = 0; i < values.length; i++) {
    let rest = values[i]!
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128
    bytes[at++] = rest
  }
  return bytes
}
