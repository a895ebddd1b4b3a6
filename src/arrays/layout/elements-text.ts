/** Formats an array as NumPy prints it. */

import type { DType } from './dtype.ts'
import type { Elements } from './elements.ts'
import { floatFormat, floatText } from './float-text.ts'
import { countElements } from './layout.ts'

/** Elements shown at each end of an axis of an array that is cut. */
const shownAtEnds = 3
/** The most elements of an array that is shown whole. */
const shownWhole = 1000
/** Characters of a line, at most. */
const lineWidth = 75

/**
 * `NDArray float64 [2, 3]`, and on the lines below the elements as `numpy.array2string` writes them: in columns, with at most
 * 8 digits after the point; of more than 1000 elements only three at each end of an axis.
 */
export function showElements(elements: Elements): string {
  return `NDArray ${elements.dtype} [${elements.shape.join(', ')}]\n${elementsText(elements)}`
}

function elementsText(elements: Elements): string {
  const { dtype, data, shape, offset } = elements
  const size = countElements(shape)
  if (size === 0) return '[]'
  if (shape.length === 0) return scalarText(dtype, data[offset]!)
  const isCut = size > shownWhole
  const shown = [...shownElements(elements, isCut, 0, offset)]
  const format = formatOf(dtype, shown)
  return axisText({ elements, format, isCut }, 0, offset, ' ')
}

interface Style {
  readonly elements: Elements
  readonly format: (value: number | bigint) => string
  readonly isCut: boolean
}

/** The indices of an axis that are shown; -1 stands for those left out. */
function shownIndices(length: number, isCut: boolean): number[] {
  const all = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i)
  if (!isCut || length <= 2 * shownAtEnds) return all(0, length)
  return [...all(0, shownAtEnds), -1, ...all(length - shownAtEnds, length)]
}

function* shownElements(
  elements: Elements,
  isCut: boolean,
  axis: number,
  position: number,
): Generator<number | bigint> {
  const { data, shape, strides } = elements
  if (axis === shape.length) yield data[position]!
  else
    for (const i of shownIndices(shape[axis]!, isCut))
      if (i >= 0) yield* shownElements(elements, isCut, axis + 1, position + i * strides[axis]!)
}

function formatOf(dtype: DType, shown: readonly (number | bigint)[]): Style['format'] {
  if (dtype.startsWith('float')) {
    const format = floatFormat(shown as readonly number[], dtype === 'float32')
    return (value) => format(value as number)
  }
  const texts = shown.map((value) => scalarText(dtype, value))
  const width = dtype === 'bool' ? 5 : Math.max(...texts.map(({ length }) => length))
  return (value) => scalarText(dtype, value).padStart(width)
}

function scalarText(dtype: DType, value: number | bigint): string {
  if (dtype === 'bool') return value === 0 ? 'False' : 'True'
  return typeof value === 'bigint' || !dtype.startsWith('float')
    ? String(value)
    : floatText(value, dtype === 'float32')
}

/** An axis in brackets. The last one is broken into lines; the others have blank lines between their parts. */
function axisText(style: Style, axis: number, position: number, indent: string): string {
  const { shape, strides } = style.elements
  const part = (i: number): string =>
    i < 0
      ? '...'
      : axis === shape.length - 1
        ? style.format(style.elements.data[position + i * strides[axis]!]!)
        : axisText(style, axis + 1, position + i * strides[axis]!, `${indent} `)
  const parts = shownIndices(shape[axis]!, style.isCut).map(part)
  if (axis < shape.length - 1)
    return `[${parts.join('\n'.repeat(shape.length - 1 - axis) + indent)}]`
  return `[${breakLines(parts, lineWidth - shape.length, indent).slice(indent.length)}]`
}

function breakLines(words: readonly string[], width: number, indent: string): string {
  const lines: string[] = []
  let line = indent
  for (const word of words) {
    // A word that is longer than a line stands on one alone.
    if (line.length + word.length > width && line.length > indent.length) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${word} `
  }
  return [...lines, line.slice(0, -1)].join('\n')
}
