/** Reading CSV: RFC 4180, dialects, kinds of columns, missing values. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { designMatrix } from '../../../src/tables/index.ts'
import { readText, valuesOf, withFolder } from '../csv-file.ts'
import { refusal } from '../../arrays/refusal.ts'

/** Values of all columns of a text. */
async function read(...args: Parameters<typeof readText>) {
  return valuesOf(await readText(...args))
}

test('quotes hold delimiters, line ends and doubled quotes', async () => {
  const text = 'name,note\r\n"Smith, J.","said ""no"""\r\n"two\r\nlines","a\nb"\r\n'
  assert.deepEqual(await read(text), {
    name: ['Smith, J.', 'two\r\nlines'],
    note: ['said "no"', 'a\nb'],
  })
})

test('spaces belong to a text, and a quote inside an unquoted text is a letter', async () => {
  assert.deepEqual(await read('a,b\n x ,5" pipe\ny, "z"\n'), {
    a: [' x ', 'y'],
    b: ['5" pipe', ' "z"'],
  })
})

test('quoted numbers are numbers, and blanks around numbers do not count', async () => {
  assert.deepEqual(await read('a,b\n"1.5",  2\n" 3 ",4\t\n"-1e-7" ,5\n'), {
    a: [1.5, 3, -1e-7],
    b: [2, 4, 5],
  })
})

test('a file ends with or without a line end, and lines with blanks only are skipped', async () => {
  const expected = { a: [1, 3], b: [2, 4] }
  for (const text of [
    'a,b\n1,2\n3,4',
    'a,b\n1,2\n3,4\n',
    '\n\na,b\n\n1,2\n  \t\n3,4\n\n \n',
    'a,b\r\n1,2\r\n\r\n3,4\r\n',
  ])
    assert.deepEqual(await read(text), expected, JSON.stringify(text))
})

test('line feeds, both, and carriage returns alone end lines', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.deepEqual(
      await read(['a,b', '1,x', '2,"y\nz"', ',w', ''].join(end)),
      { a: [1, 2, NaN], b: ['x', 'y\nz', 'w'] },
      JSON.stringify(end),
    )
  }
  assert.deepEqual(await read('a,b\n1,x\ry\r\n2,z\n'), { a: [1, 2], b: ['x\ry', 'z'] })
})

test('a byte order mark is no part of the first name', async () => {
  assert.deepEqual(await read('\ufeffa,b\n1,ä\n'), { a: [1], b: ['ä'] })
})

test('the delimiter is found by how evenly it cuts the rows', async () => {
  const expected = { a: [1, 3], b: ['x, y', 'z'] }
  for (const delimiter of [';', '\t', '|'])
    assert.deepEqual(await read(`a${delimiter}b\n1${delimiter}x, y\n3${delimiter}z\n`), expected)
  assert.deepEqual(await read('text\na\nb c\n'), { text: ['a', 'b c'] })
  assert.deepEqual(await read('a:b\n1:2\n', { delimiter: ':' }), { a: [1], b: [2] })
  assert.deepEqual(await read('a b\n1 2\n', { delimiter: ' ' }), { a: [1], b: [2] })
})

test('a line `sep=` says the delimiter, and is no header', async () => {
  for (const [line, delimiter] of [
    ['sep=,', ','],
    ['sep=;', ';'],
    ['SEP=|', '|'],
    ['"sep=;"', ';'],
    ['sep=\t', '\t'],
  ] as const) {
    const other = delimiter === ',' ? ';' : ','
    for (const end of ['\n', '\r\n', '\r']) {
      const text = [line, `a${delimiter}b`, `1${delimiter}x${other}y`, ''].join(end)
      const expected = { a: [1], b: [`x${other}y`] }
      assert.deepEqual(await read(text), expected, JSON.stringify(text))
      assert.deepEqual(await read(text, { delimiter }), expected)
    }
  }
  assert.deepEqual(await read('sep=,b\n1,2\n'), { 'sep=': [1], b: [2] })
})

test('between commas, quoted numbers may have a decimal comma', async () => {
  const expected = { a: [1.5, -0.25, 3], b: [2, 4, 1e5], c: ['x,y', 'z', '1.5'] }
  const text = 'a,b,c\n"1,5",2,"x,y"\n"-0,25", 4 ,z\n3,"1,0e5",1.5\n'
  const options = { decimal: ',' } as const
  for (const line of ['', 'sep=,\n']) assert.deepEqual(await read(line + text, options), expected)
  assert.deepEqual(await read(text, { ...options, delimiter: ',' }), expected)
  assert.deepEqual(await read('"1,5"\n"2,5"\n', { ...options, header: false }), {
    column1: [1.5, 2.5],
  })
  await assert.rejects(
    read('a,b\n"1,5",2\n1,5,2\n', { ...options, delimiter: ',' }),
    refusal('ERR_FORMAT', 'line 3'),
  )
})

test('with a decimal comma, commas that no number explains are delimiters', async () => {
  const options = { decimal: ',' } as const
  const late = Array.from({ length: 50 }, (_, i) => `${i},${i},"x"\n`).join('')
  assert.deepEqual((await read(`a,b,c\n${late}50,"2,5",y\n`, options))['b']!.at(-1), 2.5)
  assert.deepEqual(await read('a,b,c\n1,2,x\n', options), { a: [1], b: [2], c: ['x'] })
  assert.deepEqual(await read('a,b\n1,"Doe, J"\n', options), { a: [1], b: ['Doe, J'] })
  assert.deepEqual(await read('"a","b"\n1,2\n', options), { a: [1], b: [2] })
  assert.deepEqual(await read('a,b\n', options), { a: [], b: [] })
  assert.deepEqual(await read('a\n1,5\n2,5\n', options), { a: [1.5, 2.5] })
  assert.deepEqual(await read('1,5\n2,5\n', { ...options, header: false }), {
    column1: [1.5, 2.5],
  })
})

test('commas that may be decimal or delimiters are refused with the way out', async () => {
  for (const text of ['a,b\n1,2\n2,3\n', 'Price, EUR\n1,5\n']) {
    const options = { decimal: ',' } as const
    await assert.rejects(
      read(text, options),
      refusal(
        'ERR_FORMAT',
        "at line 2 may be one number with a decimal comma or two columns, as in the header. Pass `delimiter: ','` if commas part the columns, or `delimiter: ';'` if the header is one name.",
      ),
    )
    assert.equal(Object.keys(await read(text, { ...options, delimiter: ',' })).length, 2)
    assert.equal(Object.keys(await read(text, { ...options, delimiter: ';' })).length, 1)
  }
})

test('a decimal comma is no delimiter', async () => {
  const header = false
  assert.deepEqual(await read('1,5;2,5\n', { header }), { column1: ['1,5'], column2: ['2,5'] })
  assert.deepEqual(await read('1,5\t2,5\n3,5\t4\n', { header }), {
    column1: ['1,5', '3,5'],
    column2: ['2,5', '4'],
  })
  assert.deepEqual(await read('1,5\n', { header }), { column1: [1], column2: [5] })
  assert.deepEqual(await read('a,b;c,d\n', { header }), {
    column1: ['a'],
    column2: ['b;c'],
    column3: ['d'],
  })
})

test('without a header columns are named by their place, as are nameless ones', async () => {
  assert.deepEqual(await read('1,x\n2,y\n', { header: false }), {
    column1: [1, 2],
    column2: ['x', 'y'],
  })
  assert.deepEqual(await read(',b, c \n1,2,3\n'), { column1: [1], b: [2], c: [3] })
})

test('a header alone is a table without rows', async () => {
  const table = await readText('a,b\n')
  assert.equal(table.rows, 0)
  assert.deepEqual(table.names, ['a', 'b'])
  assert.deepEqual(table.column('a').arrays[0]!.shape, [0])
})

test('missing values are NaN in numbers and -1 in codes', async () => {
  const table = await readText('a,b\n1,x\n,NA\nNA,\n null ,"N/A"\nnan,NaN\n2,y\n')
  assert.deepEqual(valuesOf(table), {
    a: [1, NaN, NaN, NaN, NaN, 2],
    b: ['x', null, null, null, null, 'y'],
  })
  const [a, b] = [table.column('a'), table.column('b')]
  assert.deepEqual([a.missing, b.missing], [4, 4])
  assert.deepEqual(b.arrays[0]!.toTypedArray(), Int8Array.of(0, -1, -1, -1, -1, 1))
  assert.deepEqual(b.missingMask().toTypedArray(), Uint8Array.of(0, 1, 1, 1, 1, 0))
  assert.deepEqual(a.missingMask().toTypedArray(), Uint8Array.of(0, 1, 1, 1, 1, 0))
  assert.equal(a.isMissing(1), true)
  assert.equal(b.isMissing(0), false)
})

test('`missing` says what means no value, numbers included', async () => {
  const text = 'a,b\n-999,.\n5,x\n-999.0,NA\n"-999",-\n'
  assert.deepEqual(await read(text, { missing: ['-999', '.', '-'] }), {
    a: [NaN, 5, -999, NaN],
    b: [null, 'x', 'NA', null],
  })
  assert.deepEqual(await read('a,b\n1,x\n"""no""",y\n3,"""no"""\n', { missing: ['"no"'] }), {
    a: [1, NaN, 3],
    b: ['x', 'y', null],
  })
  assert.deepEqual(await read('a,b\n1,\n2,x\n', { missing: [] }), { a: [1, 2], b: ['', 'x'] })
})

test('a column without any value is numeric', async () => {
  const table = await readText('a,b\n,1\nNA,2\n')
  assert.equal(table.column('a').kind, 'number')
  assert.equal(table.column('a').missing, 2)
})

test('numbers of all notations are those of Number()', async () => {
  const texts = [
    '1',
    '+1',
    '-0',
    '.5',
    '5.',
    '1e3',
    '1E-3',
    '0.1',
    '1e400',
    '123456789012345678901234567890',
    '0.1000000000000000055511151231257827',
    '4.9e-324',
    '2.4703282292062327e-324',
    '9007199254740993',
  ]
  const { a } = await read(`a,b\n${texts.map((text) => `${text},x`).join('\n')}\n`)
  assert.deepEqual(a, texts.map(Number))
  assert.deepEqual(await read('a\ninf\n-Infinity\n'), { a: [Infinity, -Infinity] })
})

test('true and false, dates, hexadecimal and decimal commas are texts', async () => {
  const text = 'a;b;c;d\ntrue;2020-01-02;0x1F;1,5\nfalse;2020-01-03;0x20;2,5\n'
  const table = await readText(text)
  assert.deepEqual(
    table.columns.map(({ kind }) => kind),
    Array.from({ length: 4 }, () => 'category'),
  )
  assert.deepEqual(valuesOf(table).d, ['1,5', '2,5'])
})

test('a text in the last row makes a column of texts as they stand in the file', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `${i},007,${i}.0,1.50`)
  const text = `n,code,v,w\n${rows.join('\n')}\n5000,A7,1,"x"\n`
  const table = await readText(text)
  assert.deepEqual(table.names, ['n', 'code', 'v', 'w'])
  const { n, code, v, w } = valuesOf(table)
  assert.equal(n![5000], 5000)
  assert.deepEqual(code!.slice(4998), ['007', '007', 'A7'])
  assert.deepEqual(v!.slice(4998), [4998, 4999, 1])
  assert.deepEqual([w![0], w![5000]], ['1.50', 'x'])
  const column = table.column('code')
  assert.deepEqual(column.kind === 'category' && column.categories, ['007', 'A7'])
})

test('codes take one, two or four bytes, as many as they need', async () => {
  for (const [distinct, dtype] of [
    [128, 'int8'],
    [129, 'int16'],
    [32_768, 'int16'],
    [32_769, 'int32'],
  ] as const) {
    const texts = Array.from({ length: distinct }, (_, i) => `t${i}`)
    const table = await readText(
      `a,b\n${texts.map((t, i) => `${i},${t}`).join('\n')}\n0,\n0,t0\n0,t${distinct - 1}\n`,
    )
    const column = table.column('b')
    assert.equal(column.arrays[0]!.dtype, dtype)
    assert.deepEqual(valuesOf(table).b, [...texts, null, 't0', `t${distinct - 1}`])
  }
})

test('`columns` reads some, in the order of the file', async () => {
  const text = 'a,b,c\n1,"x\ny",2\n3,z,4\n'
  assert.deepEqual(await read(text, { columns: ['c', 'a'] }), { a: [1, 3], c: [2, 4] })
})

test('`schema` settles kinds', async () => {
  const text = 'zip,n\n00501,1\n10001,2\n'
  assert.deepEqual(await read(text, { schema: { zip: 'category' } }), {
    zip: ['00501', '10001'],
    n: [1, 2],
  })
})

test('progress goes to the end, and a signal stops the reading', async () => {
  const text = `a,b\n${'1,2\n'.repeat(3_000_000)}`
  const seen: number[] = []
  await readText(text, { onProgress: ({ bytes }) => seen.push(bytes) })
  assert.equal(seen.at(-1), text.length)
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
  const stop = new AbortController()
  const reason = new Error('enough')
  await assert.rejects(
    readText(text, { signal: stop.signal, onProgress: () => stop.abort(reason) }),
    reason,
  )
  await assert.rejects(readText(text, { signal: AbortSignal.abort(reason) }), reason)
})

test('a line much longer than the buffer is read', async () => {
  const long = 'x'.repeat(3 << 20)
  const { b } = await read(`a,b\n1,y\n2,"${long}\n"\n3,${long}\n`, { chunkBytes: 64 })
  assert.deepEqual(
    b!.map((text) => String(text).length),
    [1, long.length + 1, long.length],
  )
})

test('many columns are read, also when text comes late in some', async () => {
  const width = 5000
  const names = Array.from({ length: width }, (_, k) => `c${k}`)
  const row = (i: number): string[] =>
    names.map((_, k) => (k % 3 === 0 ? String(i * k) : 'AB'[(i + k) % 2]!))
  const rows = Array.from({ length: 200 }, (_, i) => row(i))
  rows[199]![3000] = 'late'
  const lines = [names, ...rows].map((fields) => fields.join('\t'))
  const table = await readText(lines.join('\n'))
  assert.equal(table.columns.length, width)
  for (const k of [0, 1, 510, 511, 512, 513, 3000, 4998, 4999]) {
    const column = table.column(names[k]!)
    const isText = k % 3 !== 0 || k === 3000
    assert.deepEqual(
      Array.from({ length: 200 }, (_, i) => column.get(i)),
      rows.map((fields) => (isText ? fields[k]! : Number(fields[k]))),
      names[k],
    )
  }
})

test('the columns of one dtype share one segment, which the table frees', async () => {
  const table = await readText('a,b,c\n1,2,x\n')
  assert.equal(table.column('a').arrays[0]!.mapping, table.column('b').arrays[0]!.mapping)
  assert.equal(table.column('a').arrays[0]!.mapping?.kind, 'scratch')
  const { data } = table.column('b').arrays[0]!
  table[Symbol.dispose]()
  assert.equal(data[0], 0)
  assert.throws(() => table.column('b').get(0), { code: 'ERR_DETACHED' })
  assert.throws(() => designMatrix(table, { target: 'b' }), { code: 'ERR_DETACHED' })
})

test('a failed reading into a folder leaves nothing behind', async () => {
  const { readdirSync, writeFileSync } = await import('node:fs')
  const { readCsv } = await import('../../../src/tables/index.ts')
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/a.csv`, 'a,b\n1,2\n3\n')
    await assert.rejects(readCsv(`${folder}/a.csv`, { out: `${folder}/table` }))
    assert.deepEqual(readdirSync(folder), ['a.csv'])
  })
})
