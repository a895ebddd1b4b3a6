/** Numbers out of text, held against Number(). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  comma,
  fullStop,
  parseNumber,
  parseNumberText,
} from '../../../src/tables/numbers/number-parser.ts'
import { randomRuns } from '../../random-runs.ts'

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Parses `text` as it stands in a file: a delimiter behind it, and padding. */
function parse(text: string, point = fullStop): { value: number; length: number } {
  const bytes = new Uint8Array(text.length + 16).fill(0x3b)
  bytes.set(Buffer.from(text, 'latin1'))
  const out = new Float64Array(1).fill(NaN)
  const length = parseNumber(bytes, new DataView(bytes.buffer), 0, out, 0, point)
  return { value: out[0]!, length }
}

/** Either the number that `Number()` gives, or nothing read: then `Number()` itself is asked. */
function assertExact(text: string): void {
  const { value, length } = parse(text)
  if (length === 0) return
  assert.equal(length, text.length, `${text} is read to its end`)
  assert.ok(Object.is(value, Number(text)), `${text}: ${value} is not ${Number(text)}`)
  assert.deepEqual(parse(text.replace('.', ','), comma), { value, length }, 'with a decimal comma')
}

const seed = 20_260_821

test('shortest decimals of random doubles give the same doubles', () => {
  const bits = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(bits, (value) => {
      assertExact(String(value))
      assertExact(value.toExponential())
    }),
    { seed, numRuns: randomRuns(4000, 40_000) },
  )
})

test('decimals of any length and exponent give what Number() gives', () => {
  const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 22 })
  const exponent = fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined })
  const sign = fc.constantFrom('', '-', '+')
  fc.assert(
    fc.property(sign, digits, digits, fc.boolean(), exponent, (start, whole, part, dot, power) => {
      const text = `${start}${whole}${dot ? '.' : ''}${dot ? part : ''}${power === undefined ? '' : `e${power}`}`
      if (decimal.test(text)) assertExact(text)
      else assert.ok(parse(text).length < Math.max(1, text.length), `${text} is no number`)
    }),
    { seed, numRuns: randomRuns(4000, 40_000) },
  )
})

test('numbers close to the middle between two doubles round to the right one', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-15, max: 1e15, noNaN: true }), fc.integer(), (value, nudge) => {
      const bits = new BigInt64Array(Float64Array.of(value).buffer)
      const next = new Float64Array(BigInt64Array.of(bits[0]! + 1n).buffer)[0]!
      // Exact decimal digits of the middle, cut to what the fast path takes, and moved a little.
      const middle = (value / 2 + next / 2).toPrecision(18)
      assertExact(middle)
      assertExact(middle.replace(/\d(?=\D*$)/, String(Math.abs(nudge) % 10)))
    }),
    { seed, numRuns: randomRuns(4000, 40_000) },
  )
})

test('plain numbers of up to 18 digits never need the slow way', () => {
  for (const text of [
    '0',
    '-0',
    '0.0',
    '-0.000',
    '007',
    '5.',
    '.5',
    '+5',
    '123456789',
    '1234567890',
    '123456789012345678',
    '0.23992724849421931',
    '0.030934318309281893',
    '9007199254740993',
    '1e22',
    '1.7976931348623157e+208',
    '4.35e-200',
    '1E5',
    '-1e-7',
    '0.1',
    '0.3',
    '2.2250738585072014e-208',
    '99999999999999999.9',
  ]) {
    assert.deepEqual(parse(text), { value: Number(text), length: text.length }, text)
  }
})

test('what is no decimal number is not read', () => {
  for (const text of ['', '-', '+', '.', '-.', 'e5', '1e', '1e+', 'x', 'NaN', 'Infinity', '--1'])
    assert.equal(parse(text).length, 0, text)
  for (const [text, length] of [
    ['1x', 1],
    ['1.2.3', 3],
    ['0x10', 1],
    ['1e5.0', 3],
    ['1 ', 1],
  ] as const)
    assert.equal(parse(text).length, length, text)
})

test('the slow way knows infinities and blanks, and refuses other notations', () => {
  assert.equal(parseNumberText(' 12 '), 12)
  assert.equal(parseNumberText('1e400'), Infinity)
  assert.equal(parseNumberText('-1e-400'), -0)
  assert.equal(parseNumberText('123456789012345678901'), 123_456_789_012_345_680_000)
  for (const text of ['inf', 'Inf', '+Infinity', 'INF'])
    assert.equal(parseNumberText(text), Infinity)
  assert.equal(parseNumberText('-inf'), -Infinity)
  assert.ok(Number.isNaN(parseNumberText('nan')))
  for (const text of ['', '0x1F', '0b1', '1_000', '1,5', '12abc', 'information'])
    assert.equal(parseNumberText(text), undefined, text)
})

test('a decimal comma takes the place of the point', () => {
  for (const [text, value] of [
    ['1,5', 1.5],
    ['-,5', -0.5],
    ['5,', 5],
    ['1,25e2', 125],
    ['12345678901234567890,5', 12345678901234567000],
  ] as const)
    assert.equal(parseNumberText(text, comma), value, text)
  for (const text of ['1.5', '1.234,5', '1,234,5', ','])
    assert.equal(parseNumberText(text, comma), undefined, text)
})
