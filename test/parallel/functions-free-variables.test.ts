/** Which variables a function takes from outside, by its source. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FunctionFacts,
  readFunction,
} from '../../src/parallel/functions/scopes/free-variables.ts'

/** Names as `a`, assigned ones as `a=`, guarded ones as `a?`, early ones as `a!`; then what belongs to the place. */
function read(source: string): string {
  const { free, lexical }: FunctionFacts = readFunction(source)
  const names = [...free].map(
    ([name, { written, isGuarded, isEager }]) =>
      `${name}${written === undefined ? '' : '='}${isGuarded ? '?' : ''}${isEager ? '!' : ''}`,
  )
  return [...names, ...[...lexical.keys()].map((what) => `<${what}>`)].join(' ')
}

const cases: readonly (readonly [source: string, expected: string])[] = [
  ['(a, b = c, { d, e: [f] = g }, ...r) => a + d + f + h + r', 'c g h'],
  ['function f(x) { var y = x; { let z = y; var w } return w + z + f }', 'z'],
  ['function f() { return arguments.length + this.x }', '<this>'],
  ['() => { function g() { return this + arguments + new.target } return g }', ''],
  ['() => () => arguments[0] + this', '<arguments> <this>'],
  ['() => new.target', '<new.target>'],
  ['m(x) { return super.m(x) }', '<super>'],
  ['async *#p(x) { return this.#q + x }', '<this> <#private>'],
  ['get x() { return k }', 'k'],
  ['[name](x) { return x }', ''],
  [
    'class A extends B { static s = C; x = D; [E] = 1; m() { return F + A } static { var v = G; v() } #p = H; q(o) { return #p in o } }',
    'C! D E! F G! H',
  ],
  ['() => class extends B { static s = C; constructor() { super(); this.x = new.target } }', 'B C'],
  ['() => { try { a() } catch ({ message: [m] }) { m } finally { e } }', 'a e'],
  [
    '() => { for (const x of xs) x; for (y in z) y; for (let i = 0, j; i < n; i++) j }',
    'xs y= z n',
  ],
  ['() => { for (o.x of xs) o; for ([p = q] of xs) p }', 'o xs p= q'],
  ['() => { count++; [p, q.r] = s; ({ u, [v]: w = 1, ...x } = o) }', 'count= p= q s u= v w= x= o'],
  ['() => { a += b; c ??= d; delete e.f; return typeof g }', 'a= b c= d e g?'],
  [
    '() => { lab: for (;;) { continue lab } switch (k) { case 1: let z = y; break; default: z } }',
    'k y',
  ],
  ['x => ({ [k]: v, m() { return super.m + this.k }, get g() { return n }, s })', 'k v n s'],
  ['() => { f(); function f() { g() } function g() {} const { a = b } = c; return a }', 'b c'],
  ['() => { if (x) { function inner() {} } return inner }', 'x inner'],
  ['() => `${a}b` + tag`x${c}` + /d/.source + e?.f?.[g]', 'a tag c e g'],
  ['async () => (await import(a)).b + import.meta.url', 'a <import.meta>'],
  ['() => eval(x)', 'eval x <eval>'],
  ['() => { with (a) { b } }', '<with>'],
  [
    'function () { return __awaiter(this, void 0, void 0, function* () { yield a }) }',
    '__awaiter a',
  ],
  ['(x = () => y, y = x) => [x, y]', ''],
  ['function f(a = b) { var b; return a + b }', 'b'],
  ['() => { { const k = 1 } return k }', 'k'],
  [
    'function* f() { yield* g; for await (const x of y) x }'.replace(
      'function*',
      'async function*',
    ),
    'g y',
  ],
]

for (const [source, expected] of cases) {
  test(`${source} takes ${expected || 'nothing'}`, () => {
    assert.equal(read(source), expected)
  })
}

test('members that a function takes of a variable are told, unless it also uses the whole', () => {
  const { free } = readFunction(
    '() => (0, a.b)(a["c"], a?.d, (() => a.e), b[c], d.x, d) + arguments.length',
  )
  assert.deepEqual(
    [...free].map(([name, { members, isWhole }]) => [name, [...members].join(), isWhole]),
    [
      ['a', 'b,c,d,e', false],
      ['b', '', true],
      ['c', '', true],
      ['d', 'x', true],
    ],
  )
})

test('what is no function, or newer than the parser, is a syntax error', () => {
  for (const source of ['1 + 1', 'function f( {', '() => { ~~~ }'])
    assert.throws(() => readFunction(source), SyntaxError)
})
