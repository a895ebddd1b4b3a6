/** A graph of ONNX operators, written as a file has it. */

import type { Label } from '../../learn/index.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/** Numbers of element types. @see github.com/onnx/onnx, onnx.proto, TensorProto.DataType */
export const elementTypes = { float32: 1, int64: 7, string: 8, bool: 9, float64: 11 } as const

/** A tensor's element type. */
export type ElementType = keyof typeof elementTypes

/** Versions of the operators that are used: of ONNX itself, and of its operators for classical models. */
const operatorSets = [
  ['', 17],
  ['ai.onnx.ml', 3],
] as const

/** Version of the file format, which goes with these operators. */
const formatVersion = 8

/** A value of an attribute of an operator. */
export type Attribute =
  | { readonly int: number }
  | { readonly text: string }
  | { readonly ints: ArrayLike<number> }
  | { readonly texts: readonly string[] }
  | { readonly floats64: Float64Array }

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Attribute>>

/** An input or output of the graph: a matrix of any number of rows, or a vector without `columns`. */
export interface GraphValue {
  readonly name: string
  readonly type: ElementType
  readonly columns?: number
}

/** A graph that grows operator by operator; tensors are known by their names. */
export class OnnxGraph {
  readonly #message = new ProtobufWriter()
  readonly #constants = new ProtobufWriter()
  #count = 0

  /** Adds an operator with one output. @returns the output's name */
  add(operator: string, inputs: readonly string[], attributes: Attributes = {}, name = ''): string {
    const output = name === '' ? this.#nextName(operator) : name
    const node = new ProtobufWriter()
    for (const input of inputs) node.string(1, input)
    node.string(2, output).string(3, `${operator}_${this.#count++}`).string(4, operator)
    for (const [own, value] of Object.entries(attributes)) node.message(5, attributeOf(own, value))
    if (operator.startsWith('TreeEnsemble')) node.string(7, 'ai.onnx.ml')
    this.#message.message(1, node)
    return output
  }

  /** Adds a constant of float64. @returns its name */
  floats(values: Float64Array, dimensions: readonly number[] = [values.length]): string {
    return this.#constant('float64', dimensions, bytesOf(values))
  }

  /** Adds a constant of whole numbers. @returns its name */
  ints(values: readonly number[], dimensions: readonly number[] = [values.length]): string {
    return this.#constant('int64', dimensions, bytesOf(BigInt64Array.from(values, BigInt)))
  }

  /** Adds a list of labels, numbers that are whole as int64. @returns its name and element type */
  labels(labels: ArrayLike<Label>): { readonly name: string; readonly type: ElementType } {
    const list = Array.from(labels)
    const size = [list.length]
    if (typeof list[0] === 'string') return { name: this.#texts(list as string[]), type: 'string' }
    if (typeof list[0] === 'boolean') {
      const bytes = Uint8Array.from(list, Number)
      return { name: this.#constant('bool', size, bytes), type: 'bool' }
    }
    const numbers = list as number[]
    if (numbers.every(Number.isSafeInteger)) return { name: this.ints(numbers), type: 'int64' }
    return { name: this.floats(Float64Array.from(numbers)), type: 'float64' }
  }

  /** Converts a tensor to another element type. */
  cast(input: string, type: ElementType, name?: string): string {
    return this.add('Cast', [input], { to: { int: elementTypes[type] } }, name)
  }

  /**
   * The file.
   *
   * @param description - what it holds, for people
   */
  finish(input: GraphValue, outputs: readonly GraphValue[], description: string): ProtobufWriter {
    const graph = new ProtobufWriter().string(2, 'onecopy')
    for (const part of [this.#message, this.#constants]) graph.append(part)
    graph.message(11, valueInfo(input))
    for (const output of outputs) graph.message(12, valueInfo(output))
    const model = new ProtobufWriter().int(1, formatVersion).string(2, 'onecopy')
    model.string(6, description).message(7, graph)
    for (const [domain, version] of operatorSets)
      model.message(8, new ProtobufWriter().string(1, domain).int(2, version))
    return model
  }

  #constant(type: ElementType, dimensions: readonly number[], bytes: Uint8Array): string {
    const name = this.#nextName('constant')
    this.#constants.message(5, tensorOf(name, type, dimensions).bytes(9, bytes))
    return name
  }

  #texts(texts: readonly string[]): string {
    const name = this.#nextName('constant')
    const tensor = tensorOf(name, 'string', [texts.length])
    for (const one of texts) tensor.string(6, one)
    this.#constants.message(5, tensor)
    return name
  }

  #nextName(kind: string): string {
    return `${kind}_${this.#count++}_out`
  }
}

function tensorOf(name: string, type: ElementType, dimensions: readonly number[]): ProtobufWriter {
  return new ProtobufWriter().ints(1, dimensions).int(2, elementTypes[type]).string(8, name)
}

function bytesOf(values: Float64Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** An attribute. @see onnx.proto, AttributeProto */
function attributeOf(name: string, value: Attribute): ProtobufWriter {
  const attribute = new ProtobufWriter().string(1, name)
  if ('int' in value) return attribute.int(3, value.int).int(20, 2)
  if ('text' in value) return attribute.string(4, value.text).int(20, 3)
  if ('ints' in value) return attribute.ints(8, value.ints).int(20, 7)
  if ('texts' in value) {
    for (const one of value.texts) attribute.string(9, one)
    return attribute.int(20, 8)
  }
  const { floats64: values } = value
  const tensor = tensorOf('', 'float64', [values.length]).bytes(9, bytesOf(values))
  return attribute.message(5, tensor).int(20, 4)
}

/** A name, an element type and a shape whose rows are `N`. @see onnx.proto, ValueInfoProto */
function valueInfo({ name, type, columns }: GraphValue): ProtobufWriter {
  const shape = new ProtobufWriter().message(1, new ProtobufWriter().string(2, 'N'))
  if (columns !== undefined) shape.message(1, new ProtobufWriter().int(1, columns))
  const tensor = new ProtobufWriter().int(1, elementTypes[type]).message(2, shape)
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor))
}
