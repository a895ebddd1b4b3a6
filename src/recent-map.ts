/** A map that drops its least recently used entries. */

/**
 * Keeps at least the `least` entries that were used last, and at most twice as many. Each operation takes the time of
 * one or two of a `Map`; nothing is sorted or counted.
 */
export class RecentMap<Key, Value> {
  readonly #least: number
  #recent = new Map<Key, Value>()
  #older = new Map<Key, Value>()

  constructor(least: number) {
    this.#least = least
  }

  /** Entries in it. */
  get size(): number {
    let size = this.#recent.size
    for (const key of this.#older.keys()) if (!this.#recent.has(key)) size++
    return size
  }

  /** The value of a key, which is used by that. */
  get(key: Key): Value | undefined {
    const value = this.#recent.get(key)
    if (value !== undefined || this.#recent.has(key) || !this.#older.has(key)) return value
    const older = this.#older.get(key)!
    this.set(key, older)
    return older
  }

  /** Whether there is a value, which is used by that. */
  has(key: Key): boolean {
    if (this.#recent.has(key)) return true
    if (!this.#older.has(key)) return false
    this.set(key, this.#older.get(key)!)
    return true
  }

  set(key: Key, value: Value): void {
    if (this.#recent.size >= this.#least && !this.#recent.has(key)) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, value)
  }
}
