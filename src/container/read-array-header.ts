/** Reads the header of an array in a container, strictly. */

import { type DType, dtypes, itemSize } from '../arrays/index.ts'
import { countElements, formatDescr, isCountable, maxAxes } from '../arrays/internal.ts'
import { OneCopyError } from '../errors.ts'
import { type ByteWindow, damaged, type ZipMember } from '../zip/internal.ts'

/** An array of a container. */
export interface StoredArray {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Whether the first axis runs fastest. */
  readonly fortranOrder: boolean
  /** First byte of the elements in the file, a multiple of 64. */
  readonly dataOffset: number
  /** Bytes of the elements. */
  readonly byteLength: number
}

const dtypeNames = new Map(dtypes.map((dtype) => [formatDescr(dtype), dtype]))

/** NumPy's own spelling, and nothing else that Python would take. */
const grammar =
  /^\{'descr': '([^'\\]{1,64})', 'fortran_order': (True|False), 'shape': \(((?:\d+(?:, \d+)+|\d+,)?)\), \} *\n$/

/** The longest header that 32 axes need, with room. */
const mostHeaderBytes = 2048

/**
 * Reads dtype, shape and order of a member. Its elements must fill it exactly, and begin at a multiple of 64 bytes.
 *
 * @throws OneCopyError `ERR_FORMAT`; `ERR_DTYPE` for elements that are no numbers, or not in this machine's byte order
 */
export function readArrayHeader(window: ByteWindow, member: ZipMember): StoredArray {
  const { path } = window.source
  const { name, size, dataOffset: start } = member
  const refuse = (field: string, expected: string, got: string | number): Error =>
    damaged({ path, member: name, field, expected, got })
  let at = size < 10 ? 0 : window.need(start, 10)
  const { bytes: first } = window
  if (size < 10 || first.toString('latin1', at, at + 8) !== '\x93NUMPY\x01\x00')
    throw refuse('the start', 'that of a .npy file, version 1.0', 'other bytes')
  const length = 10 + first.readUInt16LE(at + 8)
  if (length > mostHeaderBytes || length > size)
    throw refuse(
      'the length of the array header',
      `at most ${Math.min(size, mostHeaderBytes)} bytes`,
      length,
    )
  at = window.need(start, length)
  const text = window.bytes.toString('latin1', at + 10, at + length)
  const form = formOf(text, window.source.path, name)
  const { byteLength } = form
  if (length + byteLength !== size)
    throw refuse(
      'the size',
      `${length + byteLength} bytes as its shape (${form.shape.join(', ')}) and dtype say`,
      size,
    )
  const dataOffset = start + length
  if (dataOffset % 64 !== 0)
    throw damaged({
      path,
      member: name,
      field: 'the first byte of the elements',
      expected: 'a multiple of 64',
      got: dataOffset,
      advice: 'Only aligned arrays can be mapped.',
    })
  return { name, ...form, dataOffset }
}

/** What the text of a header says. */
type ArrayForm = Pick<StoredArray, 'dtype' | 'shape' | 'fortranOrder' | 'byteLength'>

/** The forms that were read last: thousands of arrays often have a few. */
const forms = new Map<string, ArrayForm>()
const mostForms = 1000

function formOf(text: string, path: string, member: string): ArrayForm {
  const known = forms.get(text)
  if (known !== undefined) return known
  const form = readForm(text, path, member)
  if (forms.size >= mostForms) forms.clear()
  forms.set(text, form)
  return form
}

function readForm(text: string, path: string, member: string): ArrayForm {
  const refuse = (field: string, expected: string, got: string): Error =>
    damaged({ path, member, field, expected, got })
  const match = grammar.exec(text)
  if (match === null)
    throw refuse(
      'the array header',
      'as NumPy writes it',
      JSON.stringify(text.slice(0, 80).trimEnd()),
    )
  const [, descr = '', order, list = ''] = match
  const dtype = requireStoredType(descr, path, member)
  const shape = readShape(list)
  if (shape === undefined || shape.length > maxAxes || !isCountable(shape))
    throw refuse('the shape', `at most ${maxAxes} axes with fewer than 2^50 elements`, `(${list})`)
  const byteLength = countElements(shape) * itemSize(dtype)
  return { dtype, shape, fortranOrder: order === 'True', byteLength }
}

/** The lengths in a list such as `3, 4` or `3,`; undefined when one has zeros before it. */
function readShape(list: string): number[] | undefined {
  if (/(^|\s)0\d/.test(list)) return undefined
  const shape: number[] = []
  for (const part of list.split(',')) if (part !== '') shape.push(Number(part))
  return shape
}

function requireStoredType(descr: string, path: string, member: string): DType {
  const dtype = dtypeNames.get(descr)
  if (dtype !== undefined) return dtype
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected the elements of member '${member}' of ${path} to be numbers of ${[...dtypeNames.keys()].join(', ')}, got '${descr}'. ` +
      'Save its columns as plain numeric arrays in this byte order.',
    { details: { path, member, field: 'the dtype', got: descr } },
  )
}
