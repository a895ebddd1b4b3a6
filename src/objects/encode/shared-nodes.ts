/** Nodes of a tree by the objects that they stand for. */

import { maxInstances, tagKey, type Tree, type TreeObject } from '../trees/tree.ts'

/** The node of an object that occurred. */
interface Seen {
  readonly node: Tree
  /** How many objects were entered before it. */
  readonly order: number
  /** Instances in it, itself included. */
  instances: number
  /** Whether members of it are still to come. */
  isOpen: boolean
  /** Its number, from its second occurrence on; 0 before. */
  id: number
}

/** Finds objects that occur again, so that they become references. */
export class SharedNodes {
  readonly #seen = new Map<object, Seen>()
  /** Nodes of lists and objects that have no tag to which a number could be added. */
  readonly #untagged = new Map<Tree, number>()
  #lastId = 0
  #instances = 0
  /** The order of the innermost instance whose state is being encoded. */
  #instance = -1

  /**
   * A reference to an object that occurred before; undefined when it didn't.
   *
   * @returns 'circle' when an instance would have to exist before its own state does; 'many' when
   * there would be too many instances
   */
  refer(value: object): TreeObject | 'circle' | 'many' | undefined {
    const seen = this.#seen.get(value)
    if (seen === undefined) return undefined
    if (seen.isOpen && seen.order <= this.#instance) return 'circle'
    this.#instances += seen.instances
    if (this.#instances > maxInstances) return 'many'
    if (seen.id === 0) this.#number(seen)
    return { [tagKey]: 'ref', to: seen.id }
  }

  #number(seen: Seen): void {
    seen.id = ++this.#lastId
    const { node } = seen
    if (isTagged(node)) node['id'] = seen.id
    else this.#untagged.set(node, seen.id)
  }

  /** Keeps the node of an object without members. */
  add(value: object, node: Tree): Tree {
    this.#enter(value, node).isOpen = false
    return node
  }

  /** Keeps the node of an object, then adds its members, among which the object may be. */
  fill(value: object, node: Tree, addMembers: () => void): Tree {
    const seen = this.#enter(value, node)
    const before = this.#instances
    addMembers()
    seen.instances = this.#instances - before
    seen.isOpen = false
    return node
  }

  /** {@link fill} for an instance, which must not be among its members. */
  fillInstance(value: object, node: Tree, addState: () => void): Tree {
    const outer = this.#instance
    this.#instances++
    this.fill(value, node, () => {
      this.#instance = this.#seen.size - 1
      addState()
    })
    this.#instance = outer
    this.#seen.get(value)!.instances++
    return node
  }

  #enter(value: object, node: Tree): Seen {
    const seen = { node, order: this.#seen.size, instances: 0, isOpen: true, id: 0 }
    this.#seen.set(value, seen)
    return seen
  }

  /** The whole tree, with numbers at all that references name. */
  wrap(tree: Tree): Tree {
    return this.#untagged.size === 0 ? tree : this.#wrap(tree)
  }

  #wrap(tree: Tree): Tree {
    if (typeof tree !== 'object' || tree === null) return tree
    const id = this.#untagged.get(tree)
    if (Array.isArray(tree)) {
      for (let i = 0; i < tree.length; i++) tree[i] = this.#wrap(tree[i]!)
      return id === undefined ? tree : { [tagKey]: 'list', items: tree, id }
    }
    for (const key of Object.keys(tree)) tree[key] = this.#wrap(tree[key]!)
    return id === undefined ? tree : { [tagKey]: 'object', entries: Object.entries(tree), id }
  }
}

function isTagged(node: Tree): node is TreeObject {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, tagKey)
}
