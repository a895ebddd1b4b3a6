/** Reads the tree of nodes in a .skops file. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type Json, JsonFault, parseStrictJson } from '../json/strict-json.ts'
import type { RecordArray, TextArray } from './npy-kinds.ts'
import { ObjectArray, SkopsArray, SkopsDict, SkopsObject, type SkopsValue } from './skops-values.ts'

/** Newest version of the format that is known. */
const newestProtocol = 2

/** A node as JSON. */
type JsonNode = Readonly<Record<string, Json>>

/**
 * Reads a schema. No class or function that it names is looked up: an object becomes its attributes, and what only Python
 * can call becomes an object without any.
 *
 * @param path - what error texts call the file
 * @param open - opens the array of a member by its name
 * @throws OneCopyError `ERR_FORMAT` for what is no schema, an unknown kind of node, an object that is part of itself, and a
 *   newer version of the format
 */
export function readSchema(
  text: string,
  path: string,
  open: (file: string) => NDArray | TextArray | RecordArray,
): SkopsValue {
  const root = parse(text, path)
  const { protocol } = root
  if (!(typeof protocol === 'number' && protocol >= 0 && protocol <= newestProtocol)) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected a .skops file of protocol 0 to ${newestProtocol}, ${path} has ${show(protocol)}.`,
      { details: { path, protocol } },
    )
  }
  return new SchemaReader({ path, length: text.length }, open).read(root, '')
}

function parse(text: string, path: string): JsonNode {
  try {
    const root = parseStrictJson(text)
    if (isNode(root)) return root
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected JSON in schema.json of ${path}, got ${cause.message} at character ${cause.at}.`,
      { cause, details: { path } },
    )
  }
  throw new OneCopyError('ERR_FORMAT', `Expected a JSON object in schema.json of ${path}.`, {
    details: { path },
  })
}

function isNode(value: Json | undefined): value is JsonNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Axes of an array of NumPy, at most. */
const mostAxes = 64

/** Marks a node that is being read. */
const unfinished = Symbol('unfinished')

class SchemaReader {
  readonly #path: string
  readonly #mostObjects: number
  readonly #open: (file: string) => NDArray | TextArray | RecordArray
  /** Values by the numbers of their objects: the first node of a number stands for all, as in skops. */
  readonly #known = new Map<number, SkopsValue | typeof unfinished>()

  constructor(
    { path, length }: { readonly path: string; readonly length: number },
    open: (file: string) => NDArray | TextArray | RecordArray,
  ) {
    this.#path = path
    this.#mostObjects = length
    this.#open = open
  }

  /** @param place - where the node stands, such as `steps[0][1].coef_` */
  read(node: Json | undefined, place: string): SkopsValue {
    if (!isNode(node)) throw this.#refuse(place, 'a JSON object', show(node))
    const id = node['__id__']
    if (typeof id !== 'number') return this.#make(node, place)
    const known = this.#known.get(id)
    if (known === unfinished)
      throw this.#refuse(place, 'an object that is not part of itself', 'one that is')
    if (known !== undefined) return known
    this.#known.set(id, unfinished)
    const value = this.#make(node, place)
    this.#known.set(id, value)
    return value
  }

  #make(node: JsonNode, place: string): SkopsValue {
    const loader = this.#text(node, '__loader__', place)
    switch (loader) {
      case 'JsonNode':
        return this.#plain(this.#text(node, 'content', place), place)
      case 'ListNode':
      case 'TupleNode':
      case 'SetNode':
        return this.#list(node['content'], place)
      case 'DictNode':
        return new SkopsDict(this.#entries(node, place))
      case 'NdArrayNode':
        return this.#array(node, place)
      case 'ObjectNode':
        return new SkopsObject(this.#className(node, place), loader, this.#attributes(node, place))
      case 'TreeNode':
        return this.#reduced(node, place)
      case 'DefaultDictNode':
      case 'SliceNode':
      case 'LossNode':
      case 'TypeNode':
      case 'FunctionNode':
      case 'MethodNode':
      case 'PartialNode':
      case 'OperatorFuncNode':
      case 'ConstructorFromReduceNode':
      case 'BytesNode':
      case 'BytearrayNode':
      case 'DTypeNode':
      case 'MaskedArrayNode':
      case 'RandomStateNode':
      case 'RandomGeneratorNode':
      case 'SparseMatrixNode':
        return loader === 'SliceNode'
          ? this.#slice(node, place)
          : new SkopsObject(this.#className(node, place), loader, new Map())
      default:
        throw this.#refuse(place, 'a kind of node that skops 0.14 or older writes', show(loader))
    }
  }

  /** A number, text, true, false or nothing, as JSON of Python. */
  #plain(text: string, place: string): SkopsValue {
    if (text === 'NaN') return NaN
    if (text === 'Infinity' || text === '-Infinity') return Number(text)
    try {
      const value = JSON.parse(text) as unknown
      if (value === null || ['number', 'string', 'boolean'].includes(typeof value))
        return value as SkopsValue
    } catch {
      // Named below.
    }
    throw this.#refuse(place, 'a number, text, true, false or null', show(text))
  }

  #list(content: Json | undefined, place: string): SkopsValue[] {
    if (!Array.isArray(content)) throw this.#refuse(place, 'a list', show(content))
    return content.map((one: Json, i) => this.read(one, `${place}[${i}]`))
  }

  #entries(node: JsonNode, place: string): Map<string, SkopsValue> {
    const { content } = node
    if (!isNode(content)) throw this.#refuse(place, 'the entries of a dict', show(content))
    return new Map(
      Object.entries(content).map(([name, one]) => [
        name,
        this.read(one, place === '' ? name : `${place}.${name}`),
      ]),
    )
  }

  #attributes(node: JsonNode, place: string): ReadonlyMap<string, SkopsValue> {
    const { content } = node
    if (content === undefined || content === null) return new Map()
    if (!isNode(content)) throw this.#refuse(place, 'the state of an object', show(content))
    // States that are no dict belong to classes of C, such as search trees, which nobody needs here.
    return content['__loader__'] === 'DictNode' ? this.#entries(content, place) : new Map()
  }

  #array(node: JsonNode, place: string): SkopsValue {
    const kind = this.#text(node, 'type', place)
    if (kind === 'json') {
      const shape = this.read(node['shape'], `${place}.shape`)
      const values = this.#flatten(this.#list(node['content'], place), place)
      const isShape = (one: SkopsValue): one is readonly number[] =>
        Array.isArray(one) && one.every((length) => Number.isSafeInteger(length) && length >= 0)
      if (!isShape(shape) || shape.reduce((all, one) => all * one, 1) !== values.length)
        throw this.#refuse(
          place,
          'as many objects as the shape of the array says',
          `${values.length}`,
        )
      return new ObjectArray(shape, values)
    }
    if (kind !== 'numpy')
      throw this.#refuse(place, "an array of type 'numpy' or 'json'", show(kind))
    const file = this.#text(node, 'file', place)
    const array = new SkopsArray(() => this.#open(file))
    if (this.#className(node, place) === 'numpy.ndarray') return array
    // A number of NumPy's, such as numpy.float64.
    const { value } = array
    const number =
      value instanceof NDArray && value.size === 1 ? value.toTypedArray()[0] : undefined
    if (number === undefined) throw this.#refuse(place, 'one number', 'an array')
    return value instanceof NDArray && value.dtype === 'bool' ? number === 1 : Number(number)
  }

  /** The objects in nested lists. A list that stands in many places must not make more of them than the file has characters. */
  #flatten(list: readonly SkopsValue[], place: string): SkopsValue[] {
    const values: SkopsValue[] = []
    let steps = 0
    const add = (one: SkopsValue, depth: number): void => {
      if (++steps > this.#mostObjects)
        throw this.#refuse(place, `at most ${this.#mostObjects} objects`, 'more')
      if (!Array.isArray(one)) return void values.push(one)
      if (depth > mostAxes)
        throw this.#refuse(place, `at most ${mostAxes} lists in each other`, 'more')
      for (const inner of one as readonly SkopsValue[]) add(inner, depth + 1)
    }
    for (const one of list) add(one, 2)
    return values
  }

  #reduced(node: JsonNode, place: string): SkopsObject {
    const reduced = node['__reduce__']
    if (!isNode(reduced)) throw this.#refuse(place, 'the arguments of a constructor', show(reduced))
    return new SkopsObject(
      this.#className(node, place),
      'TreeNode',
      this.#attributes(node, place),
      this.read(reduced['args'], `${place}.args`),
    )
  }

  #slice(node: JsonNode, place: string): SkopsObject {
    const { content } = node
    if (!isNode(content)) throw this.#refuse(place, 'the ends of a slice', show(content))
    const ends = ['start', 'stop', 'step'].map((name): [string, SkopsValue] => {
      const end = content[name] ?? null
      if (end === null || typeof end === 'number') return [name, end]
      throw this.#refuse(place, 'a slice of whole numbers', show(end))
    })
    return new SkopsObject('builtins.slice', 'SliceNode', new Map(ends))
  }

  #className(node: JsonNode, place: string): string {
    return `${this.#text(node, '__module__', place)}.${this.#text(node, '__class__', place)}`
  }

  #text(node: JsonNode, name: string, place: string): string {
    const value = node[name]
    if (typeof value === 'string') return value
    throw this.#refuse(place, `a text \`${name}\``, show(value))
  }

  #refuse(place: string, expected: string, found: string): OneCopyError {
    const where = place === '' ? this.#path : `\`${place}\` of ${this.#path}`
    return new OneCopyError('ERR_FORMAT', `Expected ${where} to be ${expected}, got ${found}.`, {
      details: { path: this.#path, place },
    })
  }
}
