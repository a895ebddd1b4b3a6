/** Creates functions from their source and captured values. */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { OneCopyError } from '../../../errors.ts'
import { Decoder } from '../../payload/decode.ts'
import { defaultLoader } from './dynamic-import.ts'
import type { FunctionNode, MadeNode, SourceNode } from '../contract/bundle.ts'
import type { Callable } from '../contract/reference.ts'

/** Gives a made function the values of its variables. */
type Fill = (...values: unknown[]) => void

/**
 * Makes the functions of one bundle. Functions may refer to each other, also in cycles: each is created first and
 * gets its variables when everything that it refers to exists. Only a class can need some of them earlier.
 */
export class Factory {
  readonly #nodes: readonly FunctionNode[]
  readonly #loaded: readonly unknown[]
  readonly #made: Map<number, unknown>
  /** Functions that wait for the values of their variables. */
  readonly #unfilled: (() => void)[] = []
  readonly #underWay = new Set<number>()
  readonly #decoder = new Decoder(
    (id) => this.#get(id),
    (id) => this.#get(id),
  )

  /** @param loaded - the values of nodes that are no sources; of a function that another one makes, its maker */
  constructor(nodes: readonly FunctionNode[], loaded: readonly unknown[]) {
    this.#nodes = nodes
    this.#loaded = loaded
    this.#made = new Map(
      nodes.flatMap(({ kind }, id) =>
        kind === 'source' || kind === 'made' ? [] : [[id, loaded[id]]],
      ),
    )
  }

  /** The function of a number, ready to be called. */
  make(id: number): unknown {
    const made = unlessNotYet(() => this.#get(id))
    this.#fillAll()
    if (made !== undefined && this.#unfilled.length === 0) return made
    throw new OneCopyError(
      'ERR_FUNCTION',
      'Two classes that a function needs use each other while they are being created, so a worker can create neither of them. Export them from a module, which a worker imports as a whole.',
    )
  }

  #get(id: number): unknown {
    if (this.#made.has(id)) return this.#made.get(id)
    if (this.#underWay.has(id)) throw new NotYet()
    this.#underWay.add(id)
    try {
      const node = this.#nodes[id] as SourceNode | MadeNode
      if (node.kind === 'source') this.#makeSource(id, node)
      else this.#callMaker(id, node)
    } finally {
      this.#underWay.delete(id)
    }
    return this.#made.get(id)
  }

  #callMaker(id: number, { values }: MadeNode): void {
    const parts = values.map((value) => this.#decoder.decode(value))
    const maker = this.#loaded[id] as Callable
    this.#made.set(id, maker(...(parts as never[])))
  }

  /** What waits for a class that is being made goes on waiting. */
  #fillAll(): void {
    const waiting: (() => void)[] = []
    for (let fill = this.#unfilled.pop(); fill !== undefined; fill = this.#unfilled.pop()) {
      try {
        fill()
      } catch (error) {
        if (!(error instanceof NotYet)) throw error
        waiting.push(fill)
      }
    }
    this.#unfilled.push(...waiting)
  }

  #makeSource(id: number, node: SourceNode): void {
    const { constants, variables, values, early, maybeEarly } = node
    const given = new Map<string, unknown>()
    const give = (name: string): void => {
      const at = constants.indexOf(name)
      const place = at >= 0 ? at : constants.length + variables.indexOf(name)
      given.set(name, this.#decoder.decode(values[place]))
    }
    for (const name of [...constants, ...early]) give(name)
    for (const name of maybeEarly) unlessNotYet(() => give(name))
    if (node.isClass) this.#fillAll()
    const params = [...constants, ...variables].map((name) => given.get(name))
    const [made, fill] = compile(node)(node.meta && importMeta(node.url), ...params)
    const fn = node.form === 'method' ? methodOf(made) : made
    this.#made.set(id, fn)
    setName(fn, node.name)
    this.#unfilled.push(() => {
      for (const name of variables) if (!given.has(name)) give(name)
      if (variables.length > 0) fill(...variables.map((name) => given.get(name)))
      this.#setMembers(fn, node.members)
      this.#setMembers((fn as { prototype?: object }).prototype, node.prototype)
    })
  }

  #setMembers(target: object | undefined, members: unknown): void {
    if (target === undefined || members === undefined) return
    for (const [name, value] of Object.entries(members as object) as [string, unknown][]) {
      Object.defineProperty(target, name, {
        value: this.#decoder.decode(value),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
  }
}

/** Thrown when something needs a class that is being made. */
class NotYet extends Error {}

/** What `work` gives; undefined when it needs a class that is being made. */
function unlessNotYet<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof NotYet) return undefined
    throw error
  }
}

/** The function of an object's only member, accessors included. */
function methodOf(holder: object): object {
  const [key] = Reflect.ownKeys(holder)
  const member: Record<string, unknown> = { ...Object.getOwnPropertyDescriptor(holder, key!) }
  return (member['value'] ?? member['get'] ?? member['set']) as object
}

/** Compiles a source so that its stacks show the original file, line and column. */
function compile(node: SourceNode): (meta: unknown, ...values: unknown[]) => [object, Fill] {
  const { form, source, file, line, column, constants, variables, meta, isStrict } = node
  const start = `${isStrict ? '"use strict";' : ''}return[${form === 'method' ? '({' : '('}`
  const fill = `function(){[${variables.join()}]=arguments}`
  return vm.compileFunction(
    // On a line of its own, since a source may end in a comment.
    `${start}${source}\n${form === 'method' ? '})' : ')'},${fill}]`,
    [meta ?? '', ...constants, ...variables].map((name, i) => name || `unused${i}$`),
    {
      filename: file,
      lineOffset: line,
      columnOffset: column - start.length,
      ...(source.includes('import') && { importModuleDynamically: defaultLoader() }),
    },
  ) as (meta: unknown, ...values: unknown[]) => [object, Fill]
}

function setName(fn: object, name: string): void {
  if ((fn as { name?: unknown }).name === name) return
  if (Object.getOwnPropertyDescriptor(fn, 'name')?.configurable === false) return
  Object.defineProperty(fn, 'name', { value: name, configurable: true })
}

/** What `import.meta` is in the module that the function came from; never the main one. */
function importMeta(url: string): object {
  const filename = url.startsWith('file:') ? fileURLToPath(url) : undefined
  const resolve = (specifier: string): string => {
    if (/^\.{0,2}\//.test(specifier) || URL.canParse(specifier)) return new URL(specifier, url).href
    const found = createRequire(url).resolve(specifier)
    return found.startsWith('/') ? pathToFileURL(found).href : `node:${found.replace(/^node:/, '')}`
  }
  const place = filename === undefined ? {} : { filename, dirname: dirname(filename) }
  return Object.assign(Object.create(null) as object, { ...place, main: false, resolve, url })
}
