/** A first-in, first-out queue that also takes items back. */

/** All operations take the same short time whatever the length. */
export class Queue<T> {
  #items: (T | undefined)[] = []
  #head = 0

  /** Number of items. */
  get length(): number {
    return this.#items.length - this.#head
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes the first item. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }

  /** Gives an item back, to be the first. */
  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item
    else this.#items.unshift(item)
  }

  /** Takes the last `count` items, in their order. */
  popMany(count: number): T[] {
    const start = Math.max(this.#head, this.#items.length - count)
    return this.#items.splice(start) as T[]
  }

  /** Takes out the item that stands `index` places behind the first. */
  removeAt(index: number): T {
    if (index === 0) return this.shift()!
    return this.#items.splice(this.#head + index, 1)[0] as T
  }

  /** The first item, which stays. */
  peek(): T | undefined {
    return this.#items[this.#head]
  }

  /** The item that stands `index` places behind the first, which stays; undefined behind the last. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index]
  }

  /** The last item, which stays. */
  last(): T | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1)
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T
  }
}
