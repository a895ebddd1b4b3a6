/** Values and names that are not what stands in the file: the table says so. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable, readCsv, type TableWarning } from '../../../src/tables/index.ts'
import { writeFileSync } from 'node:fs'
import { readText, valuesOf, withFolder } from '../csv-file.ts'

const warningsOf = async (...args: Parameters<typeof readText>) =>
  (await readText(...args)).warnings.map(({ kind, column, line, value }) => [
    kind,
    column,
    line,
    value,
  ])

test('an ordinary file has no warnings', async () => {
  const text = 'id,x,city\n9007199254740992,0.10,Bonn\n-1,1e300,0\n0,inf,NA\n-0.5,NaN,Ulm\n'
  assert.deepEqual(await warningsOf(text), [])
})

test('an integer that a double can not hold is named with its line', async () => {
  const text = 'id,x\n1.5,2\n\n"9007199254740993",2\n9007199254740995,3\n'
  const table = await readText(text)
  assert.deepEqual(table.warnings, [
    {
      kind: 'rounded',
      column: 'id',
      line: 4,
      value: '9007199254740993',
      message:
        "Column 'id': 9007199254740993 at line 4 has more digits than a number can hold and was read as 9007199254740992.",
      advice: `To keep it as it is, read the column as text: schema { "id": 'category' }.`,
    },
  ] satisfies TableWarning[])
  const kept = await readText(text, { schema: { id: 'category' } })
  assert.deepEqual(valuesOf(kept)['id'], ['1.5', '9007199254740993', '9007199254740995'])
  assert.deepEqual(kept.warnings, [])
})

test('integers of any notation and length are compared exactly', async () => {
  for (const [value, isRounded] of [
    ['9007199254740992', false],
    ['9007199254740993', true],
    ['-9007199254740993', true],
    ['+9007199254740993', true],
    ['9007199254740993.0', true],
    ['9007199254740993.', true],
    [' 9007199254740993 ', true],
    ['123456789012345678', true],
    ['12345678901234567890123', true],
    ['1000000000000000000000', false],
    ['1234567890123456789e2', false],
    ['0.12345678901234567890123', false],
  ] as const) {
    const warnings = await warningsOf(`a;b\n1;${value}\n2;0.5`, { delimiter: ';' })
    assert.deepEqual(
      warnings,
      isRounded ? [['rounded', 'b', 2, value.trim()]] : [],
      JSON.stringify(value),
    )
  }
})

test('zeros before a number, and numbers beyond the largest, are named', async () => {
  assert.deepEqual(await warningsOf('x,n\n10001,1e400\n005.1,-1e999\n00.2,1\n'), [
    ['overflow', 'n', 2, '1e400'],
    ['leading-zero', 'x', 3, '005.1'],
  ])
  const { warnings } = await readText('x\n01.5\n')
  assert.equal(warnings[0]!.message, "Column 'x': 01.5 at line 2 was read as the number 1.5.")
  assert.deepEqual(await warningsOf('x,n\n01.5,1\n', { schema: { x: 'number' } }), [])
})

test('one text that turns a column of numbers into texts is named', async () => {
  for (const value of ['None', '#DIV/0!', 'oops', '"say ""hi"""', '12a', '1,5']) {
    const rows = Array.from({ length: 400 }, (_, i) => `${i};${i === 250 ? value : i % 7}`)
    const table = await readText(`n;x\n${rows.join('\n')}\n`, { delimiter: ';' })
    const plain = value.startsWith('"') ? 'say "hi"' : value
    assert.deepEqual(table.warnings, [
      {
        kind: 'text-among-numbers',
        column: 'x',
        line: 252,
        value: plain,
        message:
          `Column 'x' was read as text because of '${plain}' at line 252: 399 of its 400 values ` +
          'are numbers.',
        advice:
          (value === '1,5' ? "If the comma is a decimal point, pass `decimal: ','`. " : '') +
          'Add a text that means "no value" to `missing`; if all are texts, say so with ' +
          `schema { "x": 'category' }.`,
      },
    ])
    const mended = await readText(`n;x\n${rows.join('\n')}\n`, {
      delimiter: ';',
      missing: ['', plain],
    })
    assert.deepEqual([mended.column('x').kind, mended.warnings], ['number', []])
  }
})

test('numbers with a decimal comma are named, and the option makes them numbers', async () => {
  const text = 'n;x;y\n1;1,5;-0,25\n2;NA;3\n3;2,5;,5e1\n4;3;1,\n'
  const table = await readText(text)
  assert.deepEqual(
    table.warnings.map(({ message }) => message),
    [
      "Column 'x' was read as text: its values look like numbers with a decimal comma, such as '1,5' at line 2.",
      "Column 'y' was read as text: its values look like numbers with a decimal comma, such as '-0,25' at line 2.",
    ],
  )
  assert.equal(
    table.warnings[0]!.advice,
    "If the comma is a decimal point, pass `decimal: ','`. If they are texts, say so with " +
      `schema { "x": 'category' }.`,
  )
  for (const chunkBytes of [1, 7, undefined]) {
    const read = await readText(text, { decimal: ',', chunkBytes })
    assert.deepEqual(valuesOf(read), {
      n: [1, 2, 3, 4],
      x: [1.5, NaN, 2.5, 3],
      y: [-0.25, 3, 5, 1],
    })
    assert.deepEqual(read.warnings, [])
  }
  const schema = { x: 'category', y: 'category' } as const
  assert.deepEqual(await warningsOf(text, { schema }), [])
  const late = `x\n${'1\n'.repeat(300)}${Array.from({ length: 300 }, (_, i) => `${i},5`).join('\n')}\n`
  assert.deepEqual(await warningsOf(late, { delimiter: ';' }), [['decimal-comma', 'x', 302, '0,5']])
  assert.deepEqual(await warningsOf('a;b\n1,5;x\n2.5,5;y\n'), [])
})

test('with a decimal comma, numbers with a point are texts, and large ones are compared exactly', async () => {
  const table = await readText('a;b;c\n1,5;9007199254740993,0;1.5\n2,5;1e400;x\n', { decimal: ',' })
  assert.deepEqual(valuesOf(table), {
    a: [1.5, 2.5],
    b: [9007199254740992, Infinity],
    c: ['1.5', 'x'],
  })
  assert.deepEqual(
    table.warnings.map(({ kind }) => kind),
    ['rounded'],
  )
  assert.match(table.warnings[0]!.message, /was read as 9007199254740992\.$/)
})

test('a text among the first rows is named, too, and in a small file', async () => {
  assert.deepEqual(await warningsOf('a,b\n1,None\n2,5\n'), [['text-among-numbers', 'b', 2, 'None']])
  assert.deepEqual(await warningsOf('a,b\n1,5\n2,x\n3,5\n4,y\n5,6\n6,7\n7,8\n8,9\n'), [
    ['text-among-numbers', 'b', 3, 'x'],
  ])
})

test('columns of texts in which some are numbers have no warning', async () => {
  const mixed = ['12', 'A4', 'B5', '7', 'C1', 'D9', '8', 'E0']
  assert.deepEqual(await warningsOf(`a,b\n${mixed.map((t, i) => `${i},${t}`).join('\n')}\n`), [])
  assert.deepEqual(await warningsOf('a,b\n1,yes\n2,no\n3,1\n'), [])
})

test('a number of a column that became text has no warning: it is kept', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `0${i}`)
  assert.deepEqual(await warningsOf(`a\n${rows.join('\n')}\nx\ny\nz\nw\n`), [])
})

test('a value that a chunk cuts in two is named whole', async () => {
  const text = 'a,b\n1,005.1\n2,9007199254740993\n"x\ny",3\n'
  for (let chunkBytes = 1; chunkBytes < 40; chunkBytes++) {
    assert.deepEqual(await warningsOf(text, { chunkBytes }), [
      ['leading-zero', 'b', 2, '005.1'],
      ['rounded', 'b', 3, '9007199254740993'],
    ])
  }
})

test('names that stand twice get a number, and names that are missing a free one', async () => {
  const table = await readText('a,b,a,a.2,a\n1,2,3,4,5\n')
  assert.deepEqual(valuesOf(table), { a: [1], b: [2], 'a.3': [3], 'a.2': [4], 'a.4': [5] })
  assert.deepEqual(
    table.warnings.map(({ message }) => message),
    [
      "Column 3 is called 'a.3', because the header at line 1 has 'a' more than once.",
      "Column 5 is called 'a.4', because the header at line 1 has 'a' more than once.",
    ],
  )
  assert.deepEqual((await readText(',column1,column2\n1,2,3\n')).names, [
    'column1.2',
    'column1',
    'column2',
  ])
  assert.deepEqual(await warningsOf(',column1,column2\n1,2,3\n'), [])
  assert.deepEqual((await readText('a,a\n1,2\n')).names, ['a', 'a.2'])
  assert.deepEqual(await warningsOf('a,a\n1,2\n', { columns: ['a'] }), [])
})

test('what a file says does nothing to a terminal', async () => {
  const odd = 'a\u001b[31m,b\u001b]0;owned\u0007\n"\u001b[2J\n",\u202e\n1,2\n2,3\n3,4\n'
  const table = await readText(odd)
  assert.deepEqual(table.names, ['a\u001b[31m', 'b\u001b]0;owned\u0007'])
  assert.equal(table.warnings.length, 2)
  assert.doesNotMatch(String(table), /[^\P{Cc}\n]|\u202e/u)
})

test('a single column whose header holds another delimiter is named', async () => {
  const table = await readText('\n a;b,c;d \n1;2,3;4\n', { delimiter: '|' })
  assert.deepEqual(table.warnings, [
    {
      kind: 'one-column',
      column: 'a;b,c;d',
      line: 2,
      value: 'a;b,c;d',
      message: "The table has one column, 'a;b,c;d', because the header at line 2 has no '|'.",
      advice: "If the fields are separated by ';', pass `delimiter: ';'`.",
    },
  ] satisfies TableWarning[])
  const tabs = await readText('a\tb\n1\t2\n', { delimiter: ',' })
  assert.match(tabs.warnings[0]!.message, /^The table has one column, 'a\\tb', because/)
  assert.equal(
    tabs.warnings[0]!.advice,
    "If the fields are separated by '\\t', pass `delimiter: '\\t'`.",
  )
  assert.deepEqual(await warningsOf('sep=;\na,b\nx,y\n'), [['one-column', 'a,b', 2, 'a,b']])
})

test('a single column by right has no warning', async () => {
  for (const [text, options] of [
    ['"a;b"\n1\n', { delimiter: ',' }],
    ['a\n1\n', { delimiter: ';' }],
    ['a;b\n1;2\n', {}],
    ['a,b\n1,2\n', { delimiter: ',' }],
    ['a,b\n1\n', { delimiter: ';', decimal: ',' }],
    ['p;q\n', { delimiter: ',', header: false }],
  ] as const)
    assert.deepEqual(await warningsOf(text, options), [], JSON.stringify(text))
})

test('of thousands of warnings a table shows the first', async () => {
  const table = await readText(`${'a,'.repeat(99)}a\n${'1,'.repeat(99)}1\n`)
  assert.equal(table.warnings.length, 99)
  const lines = String(table).split('\n')
  assert.equal(lines.filter((line) => line.startsWith('Warning: ')).length, 8)
  assert.equal(lines.at(-1), 'and 91 more warnings')
})

test('warnings are shown with the table, and kept in its folder', async () => {
  await withFolder(async (folder) => {
    writeFileSync(`${folder}/a.csv`, 'zip,zip\n01.5,2\n')
    const written = await readCsv(`${folder}/a.csv`, { out: `${folder}/a` })
    assert.equal(written.warnings.length, 2)
    const { warnings } = openTable(`${folder}/a`)
    assert.deepEqual(warnings, written.warnings)
    const text = String(openTable(`${folder}/a`))
    for (const { message, advice } of warnings)
      assert.ok(text.includes(`\nWarning: ${message} ${advice}`))
  })
})

test('a quote that follows a blank is part of the text, and a warning says so', async () => {
  const text = 'a,b\n2, "z"\n3, "z"\n4,y\n'
  const { warnings, ...table } = await readText(text).then((read) => ({
    warnings: read.warnings,
    values: valuesOf(read),
  }))
  assert.deepEqual(table.values['b'], [' "z"', ' "z"', 'y'])
  assert.deepEqual(warnings, [
    {
      kind: 'quote-after-blank',
      column: 'b',
      line: 2,
      value: ' "z"',
      message: `Column 'b': "z" at line 2 was read with its quotes, because blanks come before them.`,
      advice: 'If blanks before a field mean nothing, pass `skipInitialSpace: true`.',
    },
  ] satisfies TableWarning[])
})

test('a warning says that the quotes of a name are part of it', async () => {
  const text = '"a", "b", c\n"d","e","f"\n'
  const table = await readText(text)
  assert.deepEqual(Object.keys(valuesOf(table)), ['a', '"b"', 'c'])
  const [warning, ...others] = table.warnings
  assert.deepEqual([warning!.kind, warning!.column, warning!.line], ['quote-after-blank', '"b"', 1])
  assert.deepEqual(others, [])
  assert.deepEqual((await readText(text, { skipInitialSpace: true })).warnings, [])
  assert.deepEqual((await readText('"a","""b"""\n1,2\n')).warnings, [])
})

test('skipInitialSpace drops blanks before fields, whatever the size of the read buffer', async () => {
  const text = 'a, b,\t"c, d"\n2, "z, ""y""",1\n 3,  w , 4\n  "5",,   "6"\n7,   ,8\n'
  for (let chunkBytes = 1; chunkBytes < 30; chunkBytes++) {
    const table = await readText(text, { skipInitialSpace: true, chunkBytes })
    assert.deepEqual(valuesOf(table), {
      a: [2, 3, 5, 7],
      b: ['z, "y"', 'w ', null, null],
      'c, d': [1, 4, 6, 8],
    })
    assert.deepEqual(table.warnings, [])
  }
  const tabs = await readText('a\tb\n1\t\n2\t "x"\n', { delimiter: '\t', skipInitialSpace: true })
  assert.deepEqual(valuesOf(tabs)['b'], [null, 'x'])
})

test('names that are all numbers cause a warning, unless the user says what they are', async () => {
  const text = '1,2,3\n4,5,6\n'
  const { warnings } = await readText(text)
  assert.deepEqual(warnings, [
    {
      kind: 'numeric-header',
      column: '1',
      line: 1,
      value: '1',
      message: "The names of the columns, at line 1, are all numbers, such as '1'.",
      advice:
        'If the first row is no header, pass `header: false`. If it is one, pass `header: true`.',
    },
  ] satisfies TableWarning[])
  assert.deepEqual(await warningsOf(text, { header: true }), [])
  assert.deepEqual(await warningsOf(text, { header: false }), [])
  assert.deepEqual(await warningsOf(text, { columns: ['2'] }), [])
  assert.deepEqual(await warningsOf('1,b\n4,5\n'), [])
})

test('numbers with a percent sign or separators of thousands are named', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i}.5%,"${1 + i},000",${i} km,x${i}`)
  const { warnings } = await readText(`rate,price,way,name\n${rows.join('\n')}\n`)
  assert.deepEqual(warnings, [
    {
      kind: 'formatted-numbers',
      column: 'rate',
      line: 2,
      value: '0.5%',
      message:
        "Column 'rate' was read as text: its values are numbers with a percent sign, such as '0.5%' at line 2.",
      advice: `To read numbers, remove these characters from the file. If they are texts, say so with schema { "rate": 'category' }.`,
    },
    {
      kind: 'formatted-numbers',
      column: 'price',
      line: 2,
      value: '1,000',
      message:
        "Column 'price' was read as text: its values are numbers with separators of thousands, such as '1,000' at line 2.",
      advice: `To read numbers, remove these characters from the file. If they are texts, say so with schema { "price": 'category' }.`,
    },
  ] satisfies TableWarning[])
  assert.deepEqual(await warningsOf('rate\n5%\n', { schema: { rate: 'category' } }), [])
  assert.deepEqual(await warningsOf('rate\n5%\nhigh\nlow\n7%\n'), [])
})
