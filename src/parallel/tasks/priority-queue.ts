/** A queue in which items of higher priority come first. */

import { Queue } from './queue.ts'

/** The items of one priority. */
interface Level<T> {
  readonly priority: number
  readonly items: Queue<T>
}

/** Items of equal priority come in the order in which they were put in. */
export class PriorityQueue<T> {
  readonly #priorityOf: (item: T) => number
  /** The highest priority first; only a single one is ever empty. */
  #levels: Level<T>[] = []
  #length = 0

  constructor(priorityOf: (item: T) => number) {
    this.#priorityOf = priorityOf
  }

  get length(): number {
    return this.#length
  }

  /** Adds an item behind those of its priority. */
  push(item: T): void {
    this.#levelOf(item).items.push(item)
    this.#length++
  }

  /** Adds an item before those of its priority. */
  unshift(item: T): void {
    this.#levelOf(item).items.unshift(item)
    this.#length++
  }

  /** The first item, which stays. */
  peek(): T | undefined {
    return this.#levels[0]?.items.peek()
  }

  /** Takes the first item. */
  shift(): T | undefined {
    const [level] = this.#levels
    return level && this.#take(level)
  }

  /** Takes out `item`, which is the first of its priority. */
  drop(item: T): void {
    this.#take(this.#levelOf(item))
  }

  /** Puts the first item behind the others of its priority. */
  rotate(): void {
    const items = this.#levels[0]?.items
    if (items !== undefined && items.length > 1) items.push(items.shift()!)
  }

  /** Adds up `valueOf` of the items, until the sum reaches `most`. */
  sum(valueOf: (item: T) => number, most: number): number {
    let sum = 0
    for (const { items } of this.#levels)
      for (let i = 0; i < items.length && sum < most; i++) sum += valueOf(items.at(i)!)
    return sum
  }

  /** Takes all items, in their order. */
  takeAll(): T[] {
    const items = [...this]
    this.#levels = []
    this.#length = 0
    return items
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { items } of this.#levels) yield* items
  }

  #take(level: Level<T>): T | undefined {
    const item = level.items.shift()
    if (item !== undefined) this.#length--
    if (level.items.length === 0 && this.#levels.length > 1)
      this.#levels.splice(this.#levels.indexOf(level), 1)
    return item
  }

  #levelOf(item: T): Level<T> {
    const priority = this.#priorityOf(item)
    const [first] = this.#levels
    if (first?.priority === priority) return first
    if (this.#length === 0) this.#levels.length = 0
    let at = 0
    while (at < this.#levels.length && this.#levels[at]!.priority > priority) at++
    const found = this.#levels[at]
    if (found?.priority === priority) return found
    const level = { priority, items: new Queue<T>() }
    this.#levels.splice(at, 0, level)
    return level
  }
}
