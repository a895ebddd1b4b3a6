/** Texts in pieces of memory against a plain list. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dictionary, hashBytes, unknown } from '../../../src/tables/columns/dictionary.ts'
import { TextPool } from '../../../src/tables/columns/text-pool.ts'

const decode = (piece: Uint8Array, start: number, end: number): string =>
  Buffer.from(piece.subarray(start, end)).toString()

/** Adds texts and checks that each of them, and nothing else, is there. */
function assertPool(texts: readonly string[]): void {
  const pool = new TextPool()
  for (const text of texts) {
    const bytes = Buffer.from(`<${text}>`)
    pool.add(bytes, 1, bytes.length - 1)
  }
  assert.equal(pool.size, texts.length)
  for (const [i, text] of texts.entries()) {
    assert.equal(pool.read(i, decode), text)
    const bytes = Buffer.from(text)
    assert.ok(pool.equals(i, bytes, 0, bytes.length))
    assert.ok(!pool.equals(i, Buffer.from(`${text}x`), 0, bytes.length + 1))
  }
}

test('texts of any length, none and longer than a piece', () => {
  const long = 'l'.repeat(1 << 20)
  assertPool(['', 'a', '', 'bc', long, '', `${long}m`, 'd', long.slice(1), 'e', '', 'f'])
  assertPool([long, ''])
  assertPool(['', '', ''])
})

test('texts that fill pieces and lists of places', () => {
  assertPool(Array.from({ length: 70_000 }, (_, i) => `${i}`.repeat(1 + (i % 9))))
  assertPool(Array.from({ length: 300 }, (_, i) => String(i % 10).repeat(10_000 + (i % 7) * 1000)))
})

test('a dictionary gives codes in order of arrival, and -1 for what is missing', () => {
  const dictionary = new Dictionary()
  const wanted = new Map<string, number>()
  const find = (text: string): number => {
    const bytes = Buffer.from(text)
    return dictionary.find(bytes, 0, bytes.length, hashBytes(bytes, 0, bytes.length))
  }
  let size = 0
  for (let i = 0; i < 100_000; i++) {
    const text = `text ${i}`
    assert.equal(find(text), unknown)
    const isMissing = i % 30_000 === 7
    const bytes = Buffer.from(text)
    const code = dictionary.add(
      bytes,
      0,
      bytes.length,
      hashBytes(bytes, 0, bytes.length),
      isMissing,
    )
    assert.equal(code, isMissing ? -1 : size++)
    wanted.set(text, code)
  }
  for (const [text, code] of wanted) assert.equal(find(text), code)
  assert.equal(find('text'), unknown)
  assert.equal(dictionary.size, size)
  const categories = [...dictionary.categories()]
  dictionary.close()
  assert.deepEqual(
    categories,
    [...wanted.keys()].filter((text) => wanted.get(text) !== -1),
  )
})
