/** Objects by the numbers that references name. */

import { maxInstances } from '../trees/tree.ts'
import type { TreeNode } from '../trees/tree-node.ts'

/** An object with a number. */
interface Numbered {
  /** Undefined for an instance that is not made yet. */
  value: object | undefined
  /** How many objects were opened before it. */
  readonly order: number
  /** Instances in it, itself included. */
  instances: number
  /** Whether members of it are still to come. */
  isOpen: boolean
}

/** Keeps the objects that have a number, and refuses references that can't be followed. */
export class ReferredObjects {
  readonly #numbered = new Map<number, Numbered>()
  #opened = 0
  #instances = 0
  /** The order of the innermost instance whose state is being decoded. */
  #instance = -1

  /** The object that a reference names. */
  find(node: TreeNode): object {
    const to = node.integer('to', 1, Number.MAX_SAFE_INTEGER)
    const found = this.#numbered.get(to)
    if (found === undefined) throw node.refuse('a reference to what stands before it', `${to}`)
    const { value, isOpen, order } = found
    if (value === undefined || (isOpen && order <= this.#instance))
      throw node.refuse('a reference to what is complete', 'one to what it is a part of')
    this.#count(node, found.instances)
    return value
  }

  /** Keeps an object that is complete. */
  add<T extends object>(node: TreeNode, value: T): T {
    this.#enter(node, value)
    return value
  }

  /** Keeps an object, then adds its members, among which the object may be. */
  fill<T extends object>(node: TreeNode, value: T, addMembers: (value: T) => void): T {
    this.#track(node, value, () => {
      addMembers(value)
      return value
    })
    return value
  }

  /** Keeps an instance, which must not be among the members of its state. */
  fillInstance(node: TreeNode, make: () => object): object {
    const outer = this.#instance
    const value = this.#track(node, undefined, () => {
      this.#instance = this.#opened - 1
      this.#count(node, 1)
      return make()
    })
    this.#instance = outer
    return value
  }

  #track(node: TreeNode, value: object | undefined, make: () => object): object {
    const before = this.#instances
    const entry = this.#enter(node, value)
    if (entry !== undefined) entry.isOpen = true
    const made = make()
    if (entry === undefined) return made
    entry.value = made
    entry.isOpen = false
    entry.instances = this.#instances - before
    return made
  }

  #enter(node: TreeNode, value: object | undefined): Numbered | undefined {
    const order = this.#opened++
    if (!node.has('id')) return undefined
    const id = node.integer('id', 1, Number.MAX_SAFE_INTEGER)
    if (this.#numbered.has(id)) throw node.refuse('a node with an id of its own', `${id} again`)
    const entry = { value, order, instances: 0, isOpen: false }
    this.#numbered.set(id, entry)
    return entry
  }

  #count(node: TreeNode, more: number): void {
    this.#instances += more
    if (this.#instances > maxInstances)
      throw node.refuse(`one of at most ${maxInstances} instances`, 'more')
  }
}
