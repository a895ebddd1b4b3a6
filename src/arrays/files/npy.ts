/** Reads and writes the header of NumPy's .npy files. */

import { OneCopyError } from '../../errors.ts'
import { isCountable, maxAxes } from '../layout/layout.ts'

/** What a .npy header says. */
export interface NpyHeader {
  /** Type of the elements as NumPy writes it, such as `<f8`. */
  readonly descr: string
  /** Whether the first axis runs fastest. */
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** A header that was read, and where the elements begin. */
export interface ParsedNpyHeader extends NpyHeader {
  /** First byte of the elements. */
  readonly dataOffset: number
}

/** The most bytes of header text that are read, as in NumPy. */
const maxHeaderBytes = 10_000

/** How many bytes of a file hold its whole header. */
export const headerReach = maxHeaderBytes + 12

/** Data begins at a multiple of this, as in NumPy since 1.14. */
const alignment = 64

/** NumPy leaves room for the growing axis to reach this many digits in place. */
const growthDigits = 21

/**
 * Reads the header of a .npy file by a grammar; nothing in it is ever evaluated. It accepts what NumPy writes, and what
 * NumPy accepts from other writers: any quotes and spaces, Python 2's `3L` and `u'…'`, no padding.
 *
 * @param bytes - the start of the file, at least {@link headerReach} bytes unless it is shorter
 * @param name - what error texts call the file
 * @throws OneCopyError `ERR_FORMAT` for anything but a version 1, 2 or 3 header with exactly the keys
 * descr, fortran_order and shape; `ERR_DTYPE` for Python objects and structured elements
 * @see numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpyHeader(bytes: Uint8Array, name = 'the file'): ParsedNpyHeader {
  const { text, dataOffset } = readText(bytes, name)
  const values = readEntries(text, name)
  const shape = values.shape.match(/\d+/g)?.map(Number) ?? [] // also with Python 2's L behind a number
  if (shape.length > maxAxes)
    throw refuse(name, `has ${shape.length} axes, at most ${maxAxes} are supported`)
  if (!isCountable(shape)) throw refuse(name, `says shape ${values.shape}, 2^50 elements or more`)
  return {
    descr: values.descr.replace(/^[uU]?.|.$/g, ''),
    fortranOrder: values.fortran_order === 'True',
    shape,
    dataOffset,
  }
}

/**
 * Writes a header, byte for byte as NumPy does.
 *
 * @param header - element type, order and shape
 * @returns magic, version, length and padded text; its length is a multiple of 64
 */
export function formatNpyHeader({ descr, fortranOrder, shape }: NpyHeader): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const order = fortranOrder ? 'True' : 'False'
  const growing = fortranOrder ? shape.at(-1) : shape[0]
  const room = growing === undefined ? 0 : growthDigits - String(growing).length
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${tuple}, }${' '.repeat(room)}`
  // As in NumPy, a whole extra block when the text already ends on a multiple of 64.
  const length = text.length + 1
  const padding = alignment - ((10 + length) % alignment)
  const bytes = new Uint8Array(10 + length + padding)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  new DataView(bytes.buffer).setUint16(8, length + padding, true)
  bytes.set(new TextEncoder().encode(`${text}${' '.repeat(padding)}\n`), 10)
  return bytes
}

/** What NumPy's and joblib's users take for a .npy file; none of these can be mapped. */
const otherFormats: readonly (readonly [start: readonly number[], text: string])[] = [
  [[0x50, 0x4b], ', but like a .npz or zip archive: unpack it first'],
  [[0x1f, 0x8b], ', but like one compressed by gzip: unpack it first'],
  [[0x78], ', but like one that joblib.dump compressed: save the array by numpy.save'],
  [
    [0x80],
    ', but like a pickle: save the array by numpy.save, since loading a pickle can run code from its author',
  ],
]

function otherFormat(bytes: Uint8Array): string {
  const found = otherFormats.find(([start]) => start.every((byte, i) => bytes[i] === byte))
  return found?.[1] ?? ''
}

function readText(bytes: Uint8Array, name: string): { text: string; dataOffset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 10 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059)
    throw refuse(name, `doesn't begin like a .npy file${otherFormat(bytes)}`)
  const [major, minor] = [bytes[6]!, bytes[7]!]
  if (major < 1 || major > 3 || minor !== 0)
    throw refuse(name, `has version ${major}.${minor}, expected 1.0, 2.0 or 3.0`)
  const start = major === 1 ? 10 : 12
  if (bytes.length < start) throw refuse(name, 'ends inside its header')
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > maxHeaderBytes)
    throw refuse(name, `has a header of ${length} bytes, at most ${maxHeaderBytes} are read`)
  if (bytes.length < start + length) throw refuse(name, 'ends inside its header')
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(start, start + length),
  )
  return { text, dataOffset: start + length }
}

const keys = ['descr', 'fortran_order', 'shape'] as const
type Key = (typeof keys)[number]

/** The values of each key; a shape has no sign, so (-1,) is none. */
const grammar: Record<Key, RegExp> = {
  descr: /[uU]?(['"])[<>|=]?[A-Za-z?]\w*(?:\[\w+\])?\1/y,
  fortran_order: /True|False/y,
  shape: /\(\s*(?:(?:0|[1-9]\d*)L?\s*,\s*)*(?:(?:0|[1-9]\d*)L?\s*)?\)/y,
}

function readEntries(text: string, name: string): Record<Key, string> {
  const found: Partial<Record<Key, string>> = {}
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)?.[0]
    at += match?.length ?? 0
    return match
  }
  // `\s` takes more than Python does, such as the no-break space.
  const blank = /[^\S \t\n\f\r]/.exec(text)
  if (blank !== null)
    throw refuse(name, `has a blank that Python refuses at "${excerpt(text, blank.index)}"`)
  let open = take(/[ \t]*\{\s*/y) !== undefined
  while (open && take(/\}\s*$/y) === undefined) {
    const key = take(/[uU]?(['"])\w*\1\s*:\s*/y)?.match(/(?<=['"])\w+/)?.[0]
    if (!isKey(key)) throw refuse(name, `has an unknown header key at "${excerpt(text, at)}"`)
    if (found[key] !== undefined) throw refuse(name, `has the header key ${key} twice`)
    const value = take(grammar[key])
    if (value === undefined || /^[uU]?['"]\|?O(?:bject|\d)?['"]$/i.test(value))
      throw wrongValue(name, key, value ?? text.slice(at))
    found[key] = value
    open = take(/\s*,\s*/y) !== undefined || take(/\s*(?=\})/y) !== undefined
  }
  const missing = keys.find((key) => found[key] === undefined)
  if (!open || missing !== undefined)
    throw refuse(name, missing ? `has no ${missing} in its header` : 'has a truncated header')
  if (/^\(\s*\d+L?\s*\)$/.test(found.shape!)) throw wrongValue(name, 'shape', found.shape!)
  return found as Record<Key, string>
}

function isKey(key: string | undefined): key is Key {
  return (keys as readonly (string | undefined)[]).includes(key)
}

function wrongValue(name: string, key: Key, rest: string): OneCopyError {
  if (key === 'descr' && /^([uU]?['"]\|?O|\[)/i.test(rest)) {
    const what = rest.startsWith('[') ? 'structured elements' : 'Python objects'
    return new OneCopyError(
      'ERR_DTYPE',
      `Expected an array of numbers, ${name} holds ${what}. Save its columns as plain numeric arrays.`,
    )
  }
  return refuse(name, `has a wrong ${key} in its header: "${excerpt(rest, 0)}"`)
}

function excerpt(text: string, at: number): string {
  return text.slice(at, at + 24).trimEnd()
}

function refuse(name: string, what: string): OneCopyError {
  return new OneCopyError('ERR_FORMAT', `Expected a .npy file, ${name} ${what}.`, {
    details: { name },
  })
}
