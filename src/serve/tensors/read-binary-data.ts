/** Reads values of a tensor from the bytes behind the JSON. */

import { badRequest } from '../http/request-error.ts'
import { numberType } from './datatypes.ts'
import { inputName } from './read-json-data.ts'
import type { Tensor } from './tensor.ts'

/**
 * Reads the bytes of an input: little-endian, row by row, without gaps. Each text of BYTES has its length in 4 bytes before it.
 *
 * @param bytes - of this input only
 * @param count - values that the shape has
 * @throws RequestError 400 for another number of bytes
 * @see Triton's binary tensor data extension
 */
export function readBinaryData(
  bytes: Buffer,
  head: Omit<Tensor, 'values'>,
  count: number,
): Float64Array | string[] {
  const type = numberType(head.datatype)
  if (type === undefined) return readTexts(bytes, head, count)
  if (bytes.length !== count * type.bytes)
    throw badRequest(
      `Expected \`binary_data_size\` of ${inputName(head)} to be ${count * type.bytes}, which is ${count} values of ${head.datatype}, got ${bytes.length}.`,
    )
  if (type.array !== undefined && isLittleEndian) {
    // Aligned bytes are read where they are.
    const isAligned = bytes.byteOffset % type.bytes === 0
    const { buffer, byteOffset } = isAligned ? bytes : new Uint8Array(bytes)
    const own = new type.array(buffer, byteOffset, count)
    return own instanceof Float64Array ? own : new Float64Array(own)
  }
  const numbers = new Float64Array(count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0, at = 0; i < count; i++, at += type.bytes) numbers[i] = type.read(view, at)
  return numbers
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

function readTexts(bytes: Buffer, head: Omit<Tensor, 'values'>, count: number): string[] {
  const texts: string[] = []
  let at = 0
  while (at < bytes.length && texts.length < count) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Infinity
    const start = at + 4
    if (start + length > bytes.length)
      throw badRequest(
        `Expected a text of ${length === Infinity ? 'any' : length} bytes at byte ${at} of ${inputName(head)}, which ends at byte ${bytes.length}.`,
      )
    texts.push(bytes.toString('utf8', start, start + length))
    at = start + length
  }
  if (texts.length === count && at === bytes.length) return texts
  throw badRequest(
    `Expected ${count} texts in ${inputName(head)}, got ${texts.length < count ? texts.length : 'more'}.`,
  )
}
