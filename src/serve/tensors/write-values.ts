/** Writes predicted values as JSON or as bytes. */

import type { OutputType, PredictedValues } from '../model/model-outputs.ts'

type Values = PredictedValues['values']

/** Values [from, to) as a flat JSON list; what JSON has no number for (NaN and infinities) is null. */
export function jsonValues(values: Values, from: number, to: number): string {
  if (!(values instanceof Float64Array)) return JSON.stringify(values.slice(from, to))
  let text = '['
  for (let i = from; i < to; i++) text += (i === from ? '' : ',') + jsonNumber(values[i]!)
  return `${text}]`
}

function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** Values [from, to) as bytes in the order of the binary tensor extension; those of numbers may be the memory of `values`. */
export function binaryValues(
  values: Values,
  from: number,
  to: number,
  datatype: OutputType,
): Buffer {
  if (datatype === 'FP64' && values instanceof Float64Array && isLittleEndian)
    return Buffer.from(values.buffer, values.byteOffset + 8 * from, 8 * (to - from))
  const own = values.slice(from, to)
  switch (datatype) {
    case 'BYTES':
      return Buffer.concat(Array.from(own, (value) => lengthAndText(String(value))))
    case 'BOOL':
      return Buffer.from(Uint8Array.from(own, (value) => (value === true || value === 1 ? 1 : 0)))
    case 'INT64': {
      const bytes = Buffer.alloc(8 * own.length)
      for (let i = 0; i < own.length; i++) bytes.writeBigInt64LE(BigInt(own[i]!), 8 * i)
      return bytes
    }
    default: {
      const bytes = Buffer.alloc(8 * own.length)
      for (let i = 0; i < own.length; i++) bytes.writeDoubleLE(Number(own[i]), 8 * i)
      return bytes
    }
  }
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(text))
  bytes.writeUInt32LE(bytes.length - 4)
  bytes.write(text, 4)
  return bytes
}
