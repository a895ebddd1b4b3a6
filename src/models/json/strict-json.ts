/** Parses JSON of files from elsewhere, without a second meaning. */

/** A JSON value; objects have no prototype, so that every name is like others. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** What is wrong with a text, and where. */
export class JsonFault extends Error {
  /** Characters before the place. */
  readonly at: number

  constructor(what: string, at: number) {
    super(what)
    this.at = at
  }
}

/** Deeper files are refused, since each level takes stack. */
const mostDepth = 250

/** Lists and objects that any text may have; then one for each 12 characters, so that a short text can't need much memory. */
const freeNodes = 2 ** 17
const charactersPerNode = 12

/**
 * Parses a JSON text as `JSON.parse` does, and refuses what parsers disagree on: a name that an object has twice, half of
 * a surrogate pair, numbers that are not whole or that a number can't hold; also deep nesting and more lists and objects than
 * their text is long for.
 *
 * @throws JsonFault
 */
export function parseStrictJson(text: string): Json {
  return new Parser(text).all()
}

class Parser {
  readonly #text: string
  #at = 0
  #nodes = 0

  constructor(text: string) {
    this.#text = text
  }

  all(): Json {
    const value = this.#value(0)
    this.#blanks()
    if (this.#at < this.#text.length) throw this.#fault('more text behind the value')
    return value
  }

  #value(depth: number): Json {
    this.#blanks()
    if (depth > mostDepth) throw this.#fault(`values more than ${mostDepth} deep`)
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#list(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): Json {
    this.#countNode()
    const object = Object.create(null) as Record<string, Json>
    this.#at++
    this.#blanks()
    if (this.#take('}')) return object
    for (;;) {
      this.#blanks()
      if (this.#text[this.#at] !== '"') throw this.#fault('no name where one is expected')
      const start = this.#at
      const name = this.#string()
      if (name in object) throw new JsonFault(`the name ${JSON.stringify(name)} twice`, start)
      this.#blanks()
      if (!this.#take(':')) throw this.#fault('no colon behind a name')
      object[name] = this.#value(depth + 1)
      this.#blanks()
      if (this.#take('}')) return object
      if (!this.#take(',')) throw this.#fault('no comma or brace behind a value')
    }
  }

  #list(depth: number): Json {
    this.#countNode()
    const list: Json[] = []
    this.#at++
    this.#blanks()
    if (this.#take(']')) return list
    for (;;) {
      list.push(this.#value(depth + 1))
      this.#blanks()
      if (this.#take(']')) return list
      if (!this.#take(',')) throw this.#fault('no comma or bracket behind a value')
    }
  }

  #countNode(): void {
    const { length } = this.#text
    if (++this.#nodes <= freeNodes + length / charactersPerNode) return
    throw this.#fault(`more lists and objects than a text of ${length} characters may have`)
  }

  #string(): string {
    const start = this.#at
    let end = start + 1
    for (;;) {
      end = this.#text.indexOf('"', end)
      if (end === -1) throw this.#fault('a text without an end')
      let slashes = end
      while (this.#text[slashes - 1] === '\\') slashes--
      if ((end - slashes) % 2 === 0) break
      end++
    }
    this.#at = end + 1
    try {
      const value = JSON.parse(this.#text.slice(start, end + 1)) as string
      if (value.isWellFormed()) return value
    } catch {
      // Named below.
    }
    throw new JsonFault('a text that is not well-formed', start)
  }

  #number(): number {
    const pattern = /-?(?:0|[1-9]\d*)(?![\d.eE])/y
    pattern.lastIndex = this.#at
    const literal = pattern.exec(this.#text)?.[0]
    if (literal === undefined) throw this.#fault('no value where one is expected')
    const value = Number(literal)
    if (!Number.isSafeInteger(value))
      throw this.#fault(`the number ${literal.slice(0, 40)}, which is too large`)
    this.#at += literal.length
    return value
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fault('no value where one is expected')
    this.#at += word.length
    return value
  }

  #take(character: string): boolean {
    const fits = this.#text[this.#at] === character
    if (fits) this.#at++
    return fits
  }

  #blanks(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    }
  }

  #fault(what: string): JsonFault {
    return new JsonFault(what, this.#at)
  }
}
