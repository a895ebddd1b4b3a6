/** Finds where a text stops being JSON. */

/** A place in a text that is no JSON, and what was expected there. */
export interface JsonFault {
  /** Counted from 1, like `column`. */
  readonly line: number
  readonly column: number
  readonly expected: string
  /** What stands there. */
  readonly got: string
}

/**
 * Finds the first fault of a text. `JSON.parse` tells the place of only some faults.
 *
 * @returns undefined for valid JSON in which no object has a name twice
 * @see RFC 8259
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.readDocument()
    return undefined
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return describe(text, error.offset, error.expected)
  }
}

/** Ends the scan at a fault. */
class Stop extends Error {
  readonly offset: number
  readonly expected: string

  constructor(offset: number, expected: string) {
    super(expected)
    this.offset = offset
    this.expected = expected
  }
}

const word = /(?:true|false|null)(?!\w)/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
// Without control characters and with whole escapes.
const quoted = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy

/** Reads values without making them. */
class Scanner {
  readonly #text: string
  #at = 0
  /** More levels are no configuration, and would overflow the stack. */
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  readDocument(): void {
    this.#readValue()
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw new Stop(this.#at, 'the end of the file')
  }

  #readValue(): void {
    this.#skipBlanks()
    if (++this.#depth > 200) throw new Stop(this.#at, 'at most 200 levels')
    const first = this.#text[this.#at]
    if (first === '{') this.#readObject()
    else if (first === '[') this.#readList(']', () => this.#readValue())
    else if (first === '"') this.#readText('a closing quote, and no line end in a text')
    else if (this.#take(word) === undefined && this.#take(number) === undefined)
      throw new Stop(this.#at, 'a value')
    this.#depth--
  }

  #readObject(): void {
    const names = new Set<string>()
    this.#readList('}', () => {
      const start = this.#at
      if (this.#text[start] !== '"') throw new Stop(start, 'a name in double quotes')
      const name = JSON.parse(this.#readText('a closing quote')) as string
      if (names.has(name)) throw new Stop(start, `each name once in an object`)
      names.add(name)
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') throw new Stop(this.#at, "':'")
      this.#at++
      this.#readValue()
    })
  }

  /** What stands between brackets, with commas in between. */
  #readList(end: string, readItem: () => void): void {
    this.#at++
    this.#skipBlanks()
    if (this.#text[this.#at] === end) return void this.#at++
    for (;;) {
      this.#skipBlanks()
      readItem()
      this.#skipBlanks()
      const next = this.#text[this.#at]
      if (next !== ',' && next !== end) throw new Stop(this.#at, `',' or '${end}'`)
      this.#at++
      if (next === end) return
    }
  }

  #readText(expected: string): string {
    const found = this.#take(quoted)
    if (found !== undefined) return found
    throw new Stop(this.#at, expected)
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found !== undefined) this.#at += found.length
    return found
  }

  #skipBlanks(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}

function describe(text: string, offset: number, expected: string): JsonFault {
  const before = text.slice(0, offset).split('\n')
  const [found] = /^(?:"[^"\n]{0,20}"?|[\w.+-]{1,20}|[^\s])/u.exec(text.slice(offset)) ?? []
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    expected,
    got: found ?? (offset >= text.length ? 'the end of the file' : 'a line end'),
  }
}
