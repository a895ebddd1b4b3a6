/** Options of readCsv, and exact whole numbers, against plain ones. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { openTable, readCsv, readCsvParts } from '../../../src/tables/index.ts'
import { readText, valuesOf, withFolder } from '../csv-file.ts'

const text = 'name,café\nZoë,1.5\n"a, ""b""\nc",\nÿ,3\n'
const values = { name: ['Zoë', 'a, "b"\nc', 'ÿ'], café: [1.5, NaN, 3] }

function utf16(content: string, isBig: boolean): Buffer {
  const bytes = Buffer.from(content, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}

/** Some bytes at a time. */
function inPieces(bytes: Uint8Array, size: number): Readable {
  const pieces = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return Readable.from(pieces)
}

/** Node.js before version 24 doesn't notice an archive of zstd that is cut off. */
const readsZstd = Number(process.versions.node.split('.')[0]) >= 24
const packers = readsZstd ? [gzipSync, zstdCompressSync] : [gzipSync]

test(
  'zstd is refused by a Node.js that does not notice cut archives',
  { skip: readsZstd },
  async () => {
    await assert.rejects(readText(zstdCompressSync('a\n1\n')), {
      code: 'ERR_FILE',
      message: /zstd needs Node\.js 24 or newer, .* unpack it first, with zstd -d/,
    })
  },
)

test('text in any encoding, packed or not, from a file or a stream, is one table', async () => {
  const encodings = [
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['latin1', Buffer.from(text, 'latin1')],
    ['utf-16le', utf16(text, false)],
    ['utf-16be', utf16(text, true)],
    [undefined, utf16(`\ufeff${text}`, false)],
    [undefined, utf16(`\ufeff${text}`, true)],
    [undefined, Buffer.from(text)],
  ] as const
  for (const [encoding, bytes] of encodings)
    for (const pack of [(plain: Buffer) => plain, ...packers]) {
      const packed = pack(bytes)
      assert.deepEqual(valuesOf(await readText(packed, { encoding })), values)
      for (const size of [1, 2, 3, 7, 1000]) {
        const table = await readCsv(inPieces(packed, size), { encoding })
        assert.deepEqual(valuesOf(table), values, `${encoding} in pieces of ${size}`)
      }
    }
})

test('an archive of several members is read whole, and one that is cut is refused', async () => {
  const [one, other] = [gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')]
  assert.deepEqual(valuesOf(await readText(Buffer.concat([one, other]))), { a: [1, 3], b: [2, 4] })
  const big = `a\n${Array.from({ length: 5000 }, (_, i) => i * 7919).join('\n')}\n`
  for (const pack of packers) {
    const packed = pack(big)
    for (const length of [5, packed.length >> 1, packed.length - 1])
      await assert.rejects(readText(packed.subarray(0, length)), { code: 'ERR_FILE' })
  }
})

test('a stream of texts is a table, and its faults name the line and the stream', async () => {
  async function* rows(): AsyncGenerator<string> {
    yield 'a,b\n1,'
    yield '2\n3,4,5\n'
  }
  await assert.rejects(readCsv(rows()), {
    code: 'ERR_FORMAT',
    message: /^the stream: expected 2 fields like the first row has, got 3 at line 3\./,
  })
  await assert.rejects(readCsv(Readable.from([5])), {
    code: 'ERR_FILE',
    message: "the stream: can't be read: expected bytes or texts, got 5.",
  })
  const failing = new Readable({ read: () => {} })
  const table = readCsv(failing)
  failing.destroy(new Error('gone'))
  await assert.rejects(table, { code: 'ERR_FILE', message: "the stream: can't be read: gone." })
})

test('a signal ends the wait for a stream, and the stream', async () => {
  const endless = new Readable({ read: () => {} })
  const abort = new AbortController()
  const table = readCsv(endless, { signal: abort.signal })
  setImmediate(() => abort.abort(new Error('enough')))
  await assert.rejects(table, { message: 'enough' })
})

test('bytes that are no UTF-16 are refused', async () => {
  await assert.rejects(readText(Buffer.of(0x61, 0, 0x00, 0xd8, 0x61), { encoding: 'utf-16le' }), {
    code: 'ERR_FILE',
  })
  await assert.rejects(readText(utf16(`\ufeff${text}`, false), { encoding: 'utf-8' }), {
    code: 'ERR_FILE',
    message: /UTF-16\. Leave out `encoding`/,
  })
})

test('skipRows leaves out lines, and rowLimit what is behind so many rows', async () => {
  const lines = [
    'a title',
    '# a comment',
    '',
    'x;y',
    ...Array.from({ length: 30 }, (_, i) => `${i};t${i}`),
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.nat(40),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(3),
      async (rowLimit, chunkBytes, late) => {
        // Texts in a column of numbers that come late; the rows behind the limit are broken.
        const rows = lines
          .slice(4, 4 + rowLimit)
          .map((line, i) => (late > 0 && i === 20 + late ? 'z;z' : line))
        const end = rowLimit < 30 ? 'broken;;;"\n' : ''
        const content = `${[...lines.slice(0, 4), ...rows].join('\n')}\n${end}`
        const table = await readText(content, { skipRows: 3, rowLimit, chunkBytes, delimiter: ';' })
        const cells = rows.map((line) => line.split(';'))
        const isText = cells.some(([x]) => x === 'z')
        assert.deepEqual(valuesOf(table), {
          x: cells.map(([x]) => (isText ? x : Number(x))),
          y: cells.map(([, y]) => y),
        })
      },
    ),
    { numRuns: 60 },
  )
  await assert.rejects(readText('a\n1\n', { skipRows: 2 }), {
    message:
      /expected a header with the names of the columns, the file has none behind its first 2 lines\.$/,
  })
  let rows = 0
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/a.csv`, `a\n${'1\n'.repeat(100_000)}`)
    for await (const part of readCsvParts(`${folder}/a.csv`, {
      rowLimit: 70_000,
      partRows: 20_000,
    }))
      rows += part.rows
  })
  assert.equal(rows, 70_000)
})

test('a grouped number that a double rounds is noted', async () => {
  for (const other of ['-4', '0.5']) {
    const content = `a;b\n9,007,199,254,740,993;1\n${other};2\n`
    const table = await readText(content, { thousands: ',', delimiter: ';' })
    assert.equal(table.column('a', 'number').get(1), Number(other))
    assert.match(
      table.warnings[0]!.message,
      /Column 'a': 9,007,199,254,740,993 at line 2 has more digits than a number can hold and was read as 9007199254740992\./,
    )
  }
})

test('thousands are removed from numbers, and only where they part groups of three', async () => {
  for (const [thousands, decimal] of [
    [',', '.'],
    ['.', ','],
    [' ', ','],
    ["'", '.'],
    ['_', '.'],
  ] as const) {
    const write = (number: number): string => {
      const [whole, fraction] = String(Math.abs(number)).split('.')
      const grouped = whole!.replaceAll(/\B(?=(\d{3})+$)/g, thousands)
      return `${number < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : decimal + fraction}`
    }
    const numbers = [0, 1, -12, 999, 1000, -1_234_567.25, 123_456, 0.5, 12_345.125]
    const content = `a;b\n${numbers.map((n) => `"${write(n)}";${write(n)}`).join('\n')}\n`
    const table = await readText(content, { thousands, decimal, delimiter: ';' })
    assert.deepEqual(valuesOf(table), { a: numbers, b: numbers })
    assert.deepEqual(table.warnings, [])
    const odd = [
      `12${thousands}34`,
      `1${thousands}${thousands}234`,
      ...(thousands === ' ' ? [] : [`${thousands}234`]),
    ]
    for (const wrong of odd) {
      const { a } = valuesOf(
        await readText(`a;b\n${wrong};1\n`, { thousands, decimal, delimiter: ';' }),
      )
      assert.deepEqual(a, [wrong])
    }
  }
  await assert.rejects(readText('a\n1\n', { thousands: '.' }), {
    code: 'ERR_OPTION',
    message: "Expected `thousands` to be another character than `decimal`, got '.'.",
  })
})

test('trim drops blanks around texts, but those in quotes', async () => {
  const content = 'a,b,c\n x ,1, " y"\ny\t,2,"  z "\n  ,3, \n z z,4,w\n'
  for (const chunkBytes of [1, 5, 100]) {
    assert.deepEqual(valuesOf(await readText(content, { trim: true, chunkBytes })), {
      a: ['x', 'y', null, 'z z'],
      b: [1, 2, 3, 4],
      c: ['" y"', '  z ', null, 'w'],
    })
    assert.deepEqual(valuesOf(await readText(content, { chunkBytes }))['a'], [
      ' x ',
      'y\t',
      null,
      ' z z',
    ])
  }
})

test('whole numbers beyond 2^53 are read exactly, whatever comes before and after them', async () => {
  const small = fc.integer().map(BigInt)
  const large = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })
  const cell = fc.option(fc.oneof(small, large))
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom('memory', 'folder'),
      async (cells, chunkBytes, where) => {
        const content = `a,b\n${cells.map((value, i) => `${value ?? ''},${i}`).join('\n')}\n`
        await withFolder(async (folder) => {
          writeFileSync(`${folder}/a.csv`, content)
          const out = where === 'folder' ? { out: `${folder}/a` } : {}
          const read = await readCsv(`${folder}/a.csv`, { chunkBytes, ...out })
          const table = where === 'folder' ? openTable(`${folder}/a`) : read
          const column = table.column('a', 'number')
          const isWide = cells.some((value) => value !== null && BigInt(Number(value)) !== value)
          assert.equal(column.values.dtype, isWide ? 'int64' : 'float64')
          assert.deepEqual(
            column.toArray(),
            cells.map((value) => {
              if (value === null) return NaN
              return isWide && !Number.isSafeInteger(Number(value)) ? value : Number(value)
            }),
          )
          assert.equal(column.missing, cells.filter((value) => value === null).length)
          assert.deepEqual(table.warnings, [])
        })
      },
    ),
    { numRuns: 150 },
  )
})

test('a column of many whole numbers of which a late one is large is exact, and a later fraction makes it doubles', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => String(i))
  rows[150_000] = '9007199254740993'
  rows[150_001] = 'NA'
  const exact = (await readText(`a\n${rows.join('\n')}\n`)).column('a', 'number')
  assert.equal(exact.values.dtype, 'int64')
  assert.equal(exact.get(150_000), 9007199254740993n)
  assert.deepEqual([exact.get(149_999), exact.get(199_999)], [149_999, 199_999])
  const table = await readText(`a\n${rows.join('\n')}\n0.5\n`)
  const rounded = table.column('a', 'number')
  assert.equal(rounded.values.dtype, 'float64')
  assert.deepEqual([rounded.get(150_000), rounded.get(200_000)], [9007199254740992, 0.5])
  assert.deepEqual(
    table.warnings.map(({ kind, line }) => [kind, line]),
    [['rounded', 150_002]],
  )
})

test('a column with identifiers such as 007 is one of texts, as they are in the file', async () => {
  for (const chunkBytes of [1, 7, 1000]) {
    const { zip, n } = valuesOf(
      await readText('zip,n\n10001,0\n00501,0.5\n,00.5\n 7 ,-01\n', { chunkBytes }),
    )
    assert.deepEqual(zip, ['10001', '00501', null, ' 7 '])
    assert.deepEqual(n, [0, 0.5, 0.5, -1])
  }
  const late = `${Array.from({ length: 1000 }, (_, i) => i + 1).join('\n')}\n007\n`
  const column = (await readText(`a\n${late}`)).column('a')
  assert.deepEqual([column.kind, column.get(0), column.get(1000)], ['category', '1', '007'])
  const numbers = await readText(`a\n${late}`, { schema: { a: 'number' } })
  assert.equal(numbers.column('a').get(1000), 7)
})
