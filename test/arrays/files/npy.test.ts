/** .npy headers: NumPy's bytes, and damaged ones. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isOneCopyError } from '../../../src/errors.ts'
import { formatNpyHeader, parseNpyHeader } from '../../../src/arrays/files/npy.ts'
import { parseDescr } from '../../../src/arrays/files/npy-dtype.ts'
import { refusal } from '../refusal.ts'

const folder = new URL('../../fixtures/npy/', import.meta.url)
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.npy'))

/** A version 1 file with this header text, 64 bytes aligned like NumPy's. */
function headed(text: string, version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12
  const padded = `${text.padEnd(Math.ceil((text.length + start + 1) / 64) * 64 - start - 1)}\n`
  const bytes = new Uint8Array(start + padded.length)
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0])
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(8, padded.length, true)
  else view.setUint32(8, padded.length, true)
  bytes.set(Buffer.from(padded, 'latin1'), start)
  return bytes
}

test('headers are written byte for byte as NumPy writes them', () => {
  const version1 = fixtures.filter((name) => /^(shape|type|foreign)/.test(name))
  assert.ok(version1.length > 25)
  for (const name of version1) {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)))
    const header = parseNpyHeader(bytes, name)
    assert.deepEqual(formatNpyHeader(header), bytes.subarray(0, header.dataOffset), name)
  }
})

test('versions 2 and 3 are read', () => {
  for (const version of [2, 3]) {
    const header = parseNpyHeader(readFileSync(new URL(`version-${version}.npy`, folder)))
    assert.deepEqual(header, { descr: '<f8', fortranOrder: false, shape: [3], dataOffset: 128 })
  }
})

test('written headers read back, for any shape', () => {
  const shapes = fc.array(fc.oneof(fc.nat(5), fc.integer({ min: 0, max: 99_999 })), {
    maxLength: 32,
  })
  fc.assert(
    fc.property(shapes, fc.boolean(), (shape, fortranOrder) => {
      const header = { descr: '<f8', fortranOrder, shape }
      const count = shape.reduce((product, length) => product * Math.max(1, length), 1)
      fc.pre(count < 2 ** 50)
      const bytes = formatNpyHeader(header)
      assert.equal(bytes.length % 64, 0)
      assert.deepEqual(parseNpyHeader(bytes), { ...header, dataOffset: bytes.length })
    }),
    { seed: 3 },
  )
})

test('keys may come in any order, with any of the spaces that Python writes', () => {
  const wanted = { descr: '<f4', fortranOrder: true, shape: [2, 3] }
  for (const text of [
    "{'shape': (2, 3), 'fortran_order': True, 'descr': '<f4'}",
    "{'descr':'<f4','shape':(2,3),'fortran_order':True}",
    "{ 'fortran_order' : True, 'shape': (2, 3,), 'descr': '<f4', }",
  ]) {
    const { dataOffset, ...header } = parseNpyHeader(headed(text))
    assert.deepEqual(header, wanted, text)
    assert.equal(dataOffset % 64, 0)
  }
})

test('headers of other writers that NumPy reads are read', () => {
  const one = { descr: '<f8', fortranOrder: false, shape: [3, 4] }
  for (const [text, wanted] of [
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 4L), }", one],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (3L,), }", { ...one, shape: [3] }],
    ['{"descr": "<f8", "fortran_order": False, "shape": (3, 4)}', one],
    ["{u'descr': u'<f8', u'fortran_order': False, u'shape': (3, 4)}", one],
    ["  {\n 'descr' :\t'<f8',\n'fortran_order':False ,'shape':(\n3 , 4 , )\n,}", one],
    ["{'descr': '=f8', 'fortran_order': False, 'shape': (3, 4), }", { ...one, descr: '=f8' }],
    [
      "{'descr': 'float64', 'fortran_order': False, 'shape': (3, 4), }",
      { ...one, descr: 'float64' },
    ],
    ["{'descr': '?', 'fortran_order': False, 'shape': ( ), }", { ...one, descr: '?', shape: [] }],
  ] as const) {
    const { dataOffset, ...header } = parseNpyHeader(headed(text))
    assert.deepEqual(header, wanted, text)
    assert.equal(dataOffset % 64, 0)
    // Neither padding nor the newline has to be there.
    const bare = new Uint8Array([...headed(text).subarray(0, 10), ...Buffer.from(text)])
    new DataView(bare.buffer).setUint16(8, text.length, true)
    assert.deepEqual(parseNpyHeader(bare), { ...wanted, dataOffset: 10 + text.length })
  }
})

test('every name that NumPy has for an element type means that type', () => {
  const [own, other] = endianness() === 'LE' ? '<>' : '><'
  for (const [names, dtype, form] of [
    ['?,b1,|b1,=b1,bool,<?', 'bool', 'plain'],
    ['b,i1,int8,>b', 'int8', 'plain'],
    ['B,u1,uint8', 'uint8', 'plain'],
    [`h,i2,int16,=h,${own}h`, 'int16', 'plain'],
    [`i,i4,int32,|i4,${own}i`, 'int32', 'plain'],
    [`d,f8,=f8,|f8,float64,${own}d`, 'float64', 'plain'],
    ['e,f2,float16', 'float32', 'half'],
    ['D,c16,complex128', 'float64', 'complex'],
  ] as const) {
    for (const name of names.split(',')) {
      const type = parseDescr(name)
      assert.deepEqual([type.dtype, type.form, type.isSwapped], [dtype, form, false], name)
    }
  }
  assert.equal(parseDescr(`${other}d`).isSwapped, true)
})

const good = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"

const damaged: readonly (readonly [what: string, bytes: Uint8Array, words: RegExp])[] = [
  ['no bytes', new Uint8Array(0), /doesn't begin like/],
  ['an archive', headed(good).fill(0x4b).fill(0x50, 0, 1), /like a .npz or zip archive: unpack it/],
  ['gzip', headed(good).fill(0x8b).fill(0x1f, 0, 1), /like one compressed by gzip: unpack it/],
  ['zlib', headed(good).fill(0x9c).fill(0x78, 0, 1), /joblib.dump compressed: save .* numpy.save/],
  [
    'a pickle',
    headed(good).fill(4).fill(0x80, 0, 1),
    /like a pickle: save .* can run code from its author/,
  ],
  ['another magic', headed(good).fill(0x92, 0, 1), /doesn't begin like/],
  ['version 0', headed(good).fill(0, 6, 7), /version 0\.0/],
  ['version 4', headed(good).fill(4, 6, 7), /version 4\.0/],
  ['minor version', headed(good).fill(1, 7, 8), /version 1\.1/],
  ['cut header', headed(good).subarray(0, 40), /ends inside its header/],
  ['cut length', headed(good, 2).subarray(0, 11), /ends inside its header/],
  ['long header', headed(`${good}${' '.repeat(10_000)}`), /header of \d+ bytes, at most 10000/],
  ['huge version 2 header', headed(good, 2).fill(0xff, 8, 12), /header of 4294967295 bytes/],
  ['duplicate key', headed(good.replace('}', "'shape': (4,), }")), /key shape twice/],
  ['unknown key', headed(good.replace('}', "'extra': 1, }")), /unknown header key at "1, }"/],
  ['missing key', headed("{'descr': '<f8', 'shape': (3,), }"), /no fortran_order/],
  ['no keys', headed('{}'), /no descr/],
  ['negative length', headed(good.replace('3', '-1')), /wrong shape .*\(-1,\)/],
  ['no tuple', headed(good.replace('(3,)', '[3]')), /wrong shape/],
  ['a number in brackets', headed(good.replace('(3,)', '(3)')), /wrong shape/],
  ['only a comma', headed(good.replace('(3,)', '(,)')), /wrong shape/],
  ['a no-break space', headed(good.replace(': ', ':\u00a0')), /has a blank that Python refuses/],
  ['hexadecimal length', headed(good.replace('3', '0x3')), /wrong shape/],
  ['underscore', headed(good.replace('3', '1_0')), /wrong shape/],
  ['leading zero', headed(good.replace('3', '03')), /wrong shape/],
  ['arithmetic', headed(good.replace('3', '1+1')), /wrong shape/],
  ['a call', headed(good.replace('False', 'exit()')), /wrong fortran_order .*exit/],
  ['a number for a flag', headed(good.replace('False', '0')), /wrong fortran_order/],
  ['string concatenation', headed(good.replace("'<f8'", "'<' 'f8'")), /wrong descr/],
  ['a comment', headed(good.replace('}', '# }')), /unknown header key/],
  ['text behind', headed(`${good} x`), /unknown header key at "} x"/],
  ['no end', headed(good.replace('}', '')), /unknown header key/],
  ['a long of two letters', headed(good.replace('3', '3LL')), /wrong shape/],
  ['quotes that differ', headed(good.replace("'<f8'", `'<f8"`)), /wrong descr/],
  ['nested', headed(`{${good}}`), /unknown header key/],
  [
    'too many elements',
    headed(good.replace('3', '4294967296, 4294967296')),
    /2\^50 elements or more/,
  ],
  [
    'overflow behind 0',
    headed(good.replace('3', `0, ${'9'.repeat(17)}`)),
    /2\^50 elements or more/,
  ],
  ['33 axes', headed(good.replace('(3,)', `(${'1, '.repeat(33)})`)), /33 axes/],
]

test('damaged headers are refused with what is wrong', () => {
  assert.deepEqual(parseNpyHeader(headed(good)).shape, [3])
  for (const [what, bytes, words] of damaged)
    assert.throws(() => parseNpyHeader(bytes), refusal('ERR_FORMAT', words), what)
})

test('Python objects and structured elements are refused by name', () => {
  const read = (name: string) => () => parseNpyHeader(readFileSync(new URL(name, folder)), name)
  assert.throws(
    read('refused-object.npy'),
    refusal('ERR_DTYPE', 'refused-object.npy holds Python objects'),
  )
  assert.throws(read('refused-structured.npy'), refusal('ERR_DTYPE', 'structured elements'))
})

test('types without a dtype are refused by name', () => {
  for (const name of fixtures.filter((name) =>
    /refused-(text|bytes|date|long-double)/.test(name),
  )) {
    const { descr } = parseNpyHeader(readFileSync(new URL(name, folder)))
    assert.throws(() => parseDescr(descr, name), refusal('ERR_DTYPE', `${name} holds '${descr}'`))
  }
  for (const descr of ['', '<', '==f8', '<f16', '<f3', '|O', '<b2', '<constructor'])
    assert.throws(() => parseDescr(descr), refusal('ERR_DTYPE'), descr)
})

test('random damage gives a refusal or the same kind of header, never another error', () => {
  const bytes = headed(good)
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const wrong = bytes.slice()
      for (const [at, value] of changes) wrong[at] = value
      try {
        assert.ok(parseNpyHeader(wrong).shape.every((length) => length >= 0))
      } catch (error) {
        assert.ok(isOneCopyError(error) && /ERR_(FORMAT|DTYPE)/.test(error.code), String(error))
      }
    }),
    { numRuns: 5000, seed: 11 },
  )
})
