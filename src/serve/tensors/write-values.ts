/** Writes predicted values as JSON or as bytes. */

import type { OutputType, PredictedValues } from '../model/model-outputs.ts'

/** Values as a flat JSON list; what JSON has no number for (NaN and infinities) is null. */
export function jsonValues({ values }: PredictedValues): string {
  if (!(values instanceof Float64Array)) return JSON.stringify(values)
  if (values.length === 1) return `[${jsonNumber(values[0]!)}]`
  let text = '['
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + jsonNumber(values[i]!)
  return `${text}]`
}

function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

/** Values as bytes in the order of the binary tensor extension. */
export function binaryValues({ values }: PredictedValues, datatype: OutputType): Buffer {
  switch (datatype) {
    case 'BYTES':
      return Buffer.concat(Array.from(values, (value) => lengthAndText(String(value))))
    case 'BOOL':
      return Buffer.from(
        Uint8Array.from(values, (value) => (value === true || value === 1 ? 1 : 0)),
      )
    case 'INT64': {
      const bytes = Buffer.alloc(8 * values.length)
      for (let i = 0; i < values.length; i++) bytes.writeBigInt64LE(BigInt(values[i]!), 8 * i)
      return bytes
    }
    default: {
      const bytes = Buffer.alloc(8 * values.length)
      for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(Number(values[i]), 8 * i)
      return bytes
    }
  }
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(text))
  bytes.writeUInt32LE(bytes.length - 4)
  bytes.write(text, 4)
  return bytes
}
