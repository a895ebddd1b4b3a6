/** What readCsv refuses, and how it says so. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { type CsvOptions, readCsv } from '../../src/tables/index.ts'
import { readText, valuesOf, withFolder } from './csv-file.ts'

/** Reads a text that must be refused, and gives the error with the file called FILE. */
function refuse(
  text: string | Uint8Array,
  options?: CsvOptions,
): Promise<{ code: string; message: string; line: unknown }> {
  return withFolder(async (folder) => {
    const path = `${folder}/data.csv`
    writeFileSync(path, text)
    try {
      await readCsv(path, options)
    } catch (error) {
      assert.ok(isOneCopyError(error), String(error))
      const { code, message, details } = error
      return { code, message: message.replaceAll(path, 'FILE'), line: details.line }
    }
    return assert.fail('nothing was refused')
  })
}

const shortRow =
  "If rows may leave out their last fields, pass `shortRows: 'fill'`; the fields left out are missing."

test('a ragged row names its line and how many fields it has', async () => {
  assert.deepEqual(await refuse('a,b,c\n1,2,3\n\n"x\ny",2,3\n1,2\n1,2,3\n'), {
    code: 'ERR_FORMAT',
    message: `FILE: expected 3 fields like the first row has, got 2 at line 6. ${shortRow}`,
    line: 6,
  })
  assert.deepEqual(await refuse('a,b\r\n1,2\r\n1,2,3,4', { chunkBytes: 16 }), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected 2 fields like the first row has, got 4 at line 3. ' +
      'A field that contains a delimiter must be in double quotes.',
    line: 3,
  })
})

/** Files whose rows differ in length: the advice of the error, and options that follow it. */
const ragged: Record<
  string,
  { text: string; line: number; advice: string; options?: CsvOptions; values: object }
> = {
  'comment lines before the header': {
    text: '# made by hand\na,b\n1,2\n',
    line: 2,
    advice: "A line begins with '#'. If such lines are comments, pass `comment: '#'`.",
    options: { comment: '#' },
    values: { a: [1], b: [2] },
  },
  'a quoted delimiter after a blank': {
    text: 'a,b\n1, "x, y"\n',
    line: 2,
    advice:
      'A quote that follows a blank is part of the text. If blanks before a field mean nothing, pass `skipInitialSpace: true`.',
    options: { skipInitialSpace: true },
    values: { a: [1], b: ['x, y'] },
  },
  'a delimiter in single quotes': {
    text: "a,b\n'x, y',1\n'z, w',2\n",
    line: 2,
    advice:
      'Single quotes are part of the text. A field that contains a delimiter must be in double quotes.',
    values: {},
  },
  'a comment line between rows': {
    text: 'a,b\n1,2\n% half of it\n3,4\n',
    line: 3,
    advice: "A line begins with '%'. If such lines are comments, pass `comment: '%'`.",
    options: { comment: '%' },
    values: { a: [1, 3], b: [2, 4] },
  },
  'a delimiter behind the last field of each row': {
    text: 'a;b\n1;2;\n3;4;\n',
    line: 2,
    advice: 'The row ends with a delimiter. If rows do so, pass `trailingDelimiter: true`.',
    options: { trailingDelimiter: true },
    values: { a: [1, 3], b: [2, 4] },
  },
  'rows that leave out their last fields': {
    text: 'version,codename,eol\n4.0,Etch,2010\n14,Forky\n15\n',
    line: 3,
    advice: shortRow,
    options: { shortRows: 'fill' },
    values: { version: [4, 14, 15], codename: ['Etch', 'Forky', null], eol: [2010, NaN, NaN] },
  },
  "the row names of R's write.table": {
    text: '"a" "b"\n"x" 1 2\n"y" 3 4\n',
    line: 2,
    advice:
      "The rows have one field more than the header, as in files of R's write.table. If they " +
      'begin with the name of the row, pass `rowNames: true`.',
    options: { delimiter: ' ', rowNames: true },
    values: { row: ['x', 'y'], a: [1, 3], b: [2, 4] },
  },
  'row names in front of a missing last value': {
    text: 'a,b\nx,1,\ny,3,4\n',
    line: 2,
    advice:
      "The rows have one field more than the header, as in files of R's write.table. If they " +
      'begin with the name of the row, pass `rowNames: true`.',
    options: { rowNames: true },
    values: { row: ['x', 'y'], a: [1, 3], b: [NaN, 4] },
  },
  'a delimiter behind the last name only': {
    text: 'a,b,\n1,2\n3,4\n',
    line: 2,
    advice: 'The header ends with a delimiter. If rows do not, pass `trailingDelimiter: true`.',
    options: { trailingDelimiter: true },
    values: { a: [1, 3], b: [2, 4] },
  },
  'a title above the header': {
    text: 'Sales 2020\na,b\n1,2\n3,4\n',
    line: 2,
    advice: 'The first row looks like a title above the header. If it is one, pass `skipRows: 1`.',
    options: { skipRows: 1 },
    values: { a: [1, 3], b: [2, 4] },
  },
  'a title with a delimiter in it': {
    text: 'Sales, 2020\na,b,c\n1,2,3\n',
    line: 2,
    advice: 'The first row looks like a title above the header. If it is one, pass `skipRows: 1`.',
    options: { skipRows: 1 },
    values: { a: [1], b: [2], c: [3] },
  },
  'a delimiter without quotes in the first row': {
    text: 'name,city\nSmith, John,Paris\nBo,Rome\n',
    line: 2,
    advice: 'A field that contains a delimiter must be in double quotes.',
    values: {},
  },
  'a delimiter in a text without quotes': {
    text: 'a,b\n1,x\n2,Smith, J.\n',
    line: 3,
    advice: 'A field that contains a delimiter must be in double quotes.',
    values: {},
  },
}

for (const [name, { text, line, advice, options, values }] of Object.entries(ragged)) {
  test(`${name}: the error tells the likely cause, and its advice works`, async () => {
    const { delimiter } = options ?? {}
    const refused = await refuse(text, delimiter === undefined ? {} : { delimiter })
    assert.equal(refused.line, line)
    assert.ok(refused.message.endsWith(` at line ${line}. ${advice}`), refused.message)
    if (options === undefined) return
    assert.deepEqual(valuesOf(await readText(text, options)), values)
    for (const chunkBytes of [1, 5, 16])
      assert.deepEqual(valuesOf(await readText(text, { ...options, chunkBytes })), values)
  })
}

test('options that were passed are not advised again', async () => {
  const named = await refuse('a,b\nx,1,2,3\ny,4,5,6\n', { rowNames: true })
  assert.ok(named.message.endsWith(' A field that contains a delimiter must be in double quotes.'))
  const other = await refuse('a,b\n1,2\n3;4\n', { delimiter: ';' })
  assert.ok(
    other.message.endsWith(" If the fields are separated by ',', pass `delimiter: ','`."),
    other.message,
  )
})

test('mixed line ends are refused, and what the error advises mends them', async () => {
  const first = 'a,b\r1,2\n3,4\r\n'
  assert.deepEqual(await refuse(first), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected one kind of line end, but the first line ends with a carriage return and a ' +
      "later one with a line feed. Convert all line ends to line feeds: `tr '\\r' '\\n' < FILE`.",
    line: 1,
  })
  const later = 'a,b\n1,2\r3,4\n'
  assert.deepEqual(await refuse(later), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected 2 fields like the first row has, got 3 at line 2. The row contains a line end of ' +
      "another kind. Convert all line ends to line feeds: `tr '\\r' '\\n' < FILE`.",
    line: 2,
  })
  for (const text of [first, later]) {
    const mended = execFileSync('tr', ['\\r', '\\n'], { input: text })
    assert.deepEqual(valuesOf(await readText(mended)), { a: [1, 3], b: [2, 4] })
  }
})

test('an unclosed quote names the line where it opens', async () => {
  const expected = {
    code: 'ERR_FORMAT',
    message: 'FILE: expected a closing quote for the one at line 3, got the end of the file.',
    line: 3,
  }
  assert.deepEqual(await refuse('a,b\n1,2\n3,"x\n4,5\n6,7\n'), expected)
  assert.deepEqual(await refuse('a,b\n1,2\n3,"x\n4,5\n6,""7\n', { chunkBytes: 16 }), expected)
  assert.equal((await refuse('a,"b\n1,2\n')).line, 1)
})

test('text behind a closing quote names both lines', async () => {
  assert.deepEqual(await refuse('a,b\n1,"x\ny"z\n'), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected a delimiter or line end after the closing quote at line 3, got "z". ' +
      'The quoted field starts at line 2; a quote inside it must be doubled.',
    line: 3,
  })
})

test('a text under a given schema names column, line and text', async () => {
  assert.deepEqual(await refuse('a,b\n1,2\n3,abc\n', { schema: { b: 'number' } }), {
    code: 'ERR_FORMAT',
    message:
      "FILE: expected a number in column 'b' at line 3, got 'abc'. Correct it, add it to `missing`, or " +
      `read the column as text with schema { "b": 'category' }.`,
    line: 3,
  })
})

test('a decimal comma under a given schema is told apart from other texts', async () => {
  const text = 'a;b\n1;2\n3;4,5\n'
  assert.equal(
    (await refuse(text, { schema: { b: 'number' } })).message,
    "FILE: expected a number in column 'b' at line 3, got '4,5'. If the comma is a decimal point, pass " +
      "`decimal: ','`. Otherwise correct it, add it to `missing`, or read the column as text with " +
      `schema { "b": 'category' }.`,
  )
  const table = await readText(text, { schema: { b: 'number' }, decimal: ',' })
  assert.deepEqual(valuesOf(table), { a: [1, 3], b: [2, 4.5] })
})

test('an empty file is refused', async () => {
  for (const text of ['', '\n \n', '\ufeff']) {
    assert.equal(
      (await refuse(text)).message,
      'FILE: expected a header with the names of the columns, the file is empty.',
    )
  }
  assert.equal(
    (await refuse('', { header: false })).message,
    'FILE: expected rows, the file is empty.',
  )
})

test('NUL bytes and other encodings are refused with their line', async () => {
  assert.deepEqual(await refuse('a,b\n1,x\n2,y\0\n'), {
    code: 'ERR_FORMAT',
    message:
      "FILE: expected text, got a NUL byte at line 3. Is it a binary file? If it is UTF-16, pass `encoding: 'utf-16le'`.",
    line: 3,
  })
  assert.deepEqual(await refuse(Buffer.from('a,b\n1,x\n2,M\xfcller\n', 'latin1')), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected UTF-8, got "M\xfcller" in another encoding at line 3. ' +
      "If it is Latin-1, pass `encoding: 'latin1'`; otherwise convert the file.",
    line: 3,
  })
})

test('other formats are named', async () => {
  assert.equal(
    (await refuse(Buffer.of(0x1f, 0x8b, 8, 0, 0, 0))).message,
    "FILE: can't be read: unexpected end of file.",
  )
  assert.match((await refuse('PK\x03\x04')).message, /Excel workbook/)
  assert.match((await refuse(Buffer.from('\x93NUMPY', 'latin1'))).message, /openArray/)
})

test('a missing file is refused', async () => {
  await withFolder(async (folder) => {
    await assert.rejects(readCsv(`${folder}/none.csv`), {
      code: 'ERR_FILE',
      message: `${folder}/none.csv: can't be opened: ENOENT: no such file or directory, open '${folder}/none.csv'.`,
    })
  })
})

test('a URL of another kind, or text, in place of a path is refused', async () => {
  const url = 'https://example.org/data.csv'
  for (const given of [url, new URL(url)])
    await assert.rejects(readCsv(given), {
      code: 'ERR_FILE',
      message: `Expected the path of a file, got the URL '${url}'. Download it to a file first.`,
      details: { path: url },
    })
  await assert.rejects(readCsv('file:///none/data.csv'), {
    code: 'ERR_FILE',
    message:
      "Expected the path of a file, got the URL 'file:///none/data.csv'. Pass it as an object: " +
      "new URL('file:///none/data.csv').",
  })
  for (const text of ['a,b\n1,2', 'a,b\r1,2', `a\n${'1\n'.repeat(5000)}`])
    await assert.rejects(readCsv(text), {
      code: 'ERR_FILE',
      message: 'Expected the path of a file, got text of several lines. Write it to a file first.',
    })
})

test('a file that grows while it is read is refused, whatever else is wrong with it', async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/data.csv`
    writeFileSync(path, `a,b\n${'1,2\n'.repeat(500_000)}3`)
    let grown = false
    const onProgress = (): void => {
      if (!grown) appendFileSync(path, ',4\n')
      grown = true
    }
    await assert.rejects(readCsv(path, { onProgress }), {
      code: 'ERR_FILE',
      message:
        `${path}: changed while it was read (2000005 bytes at first, now 2000008). ` +
        'Read it again when it is complete.',
    })
  })
})

test('a column that does not exist is refused with the names that come close', async () => {
  assert.deepEqual(await refuse('price,cut\n1,x\n', { columns: ['Price_'] }), {
    code: 'ERR_INDEX',
    message: "Expected a column 'Price_' in FILE, got a file without it. Did you mean 'price'?",
    line: undefined,
  })
  assert.deepEqual(await refuse('price,cut\n1,x\n', { schema: { size: 'number' } }), {
    code: 'ERR_INDEX',
    message: "Expected a column 'size' in FILE, got a file without it. There are 'price', 'cut'.",
    line: undefined,
  })
  const schema = { y: 'number', cut: 'category', z: 'number' } as const
  assert.deepEqual(await refuse('price,cut\n1,x\n', { columns: ['z', 'cut', 'size'], schema }), {
    code: 'ERR_INDEX',
    message:
      "Expected columns 'z', 'size', 'y' in FILE, got a file without them. There are 'price', 'cut'.",
    line: undefined,
  })
})

test('a column that does not exist is refused with what is wrong with the header', async () => {
  const options = { columns: ['b'] }
  assert.equal(
    (await refuse('# made by hand\na,b\n1,2\n', options)).message,
    "Expected a column 'b' in FILE, got a file without it. There are '# made by hand'. A line begins with " +
      "'#'. If such lines are comments, pass `comment: '#'`.",
  )
  assert.equal(
    (await refuse('1,2\n3,4\n', options)).message,
    "Expected a column 'b' in FILE, got a file without it. There are '1', '2'. If the first row is no " +
      'header, pass `header: false`.',
  )
})

test('wrong options are refused', async () => {
  const options = { schema: { a: 'float' } } as unknown as CsvOptions
  assert.equal(
    (await refuse('a\n1\n', options)).message,
    "Expected `schema` to say 'number' or 'category' for 'a', got 'float'.",
  )
  for (const delimiter of ['', ',,', 'x', '1', '"', '\n', 'é', '.', '-']) {
    const { code, message } = await refuse('a\n1\n', { delimiter })
    assert.equal(code, 'ERR_OPTION')
    assert.match(message, /^Expected `delimiter` to be one ASCII character/)
  }
  assert.equal((await refuse('a\n1\n', { columns: [] })).code, 'ERR_OPTION')
  for (const comment of ['', '##', 'x', '1', '"', ',']) {
    const { code, message } = await refuse('a\n1\n', { comment })
    assert.equal(code, 'ERR_OPTION')
    assert.match(message, /^Expected `comment` to be one ASCII character/)
  }
  assert.equal(
    (await refuse('a\n1\n', { comment: ';', delimiter: ';' })).message,
    "Expected `comment` to be another character than `delimiter`, got ';'.",
  )
  assert.equal(
    (await refuse('a\n1\n', { rowNames: true, header: false })).message,
    'Expected `header` to be true where `rowNames` is, got false.',
  )
  await assert.rejects(readCsv(5 as unknown as string), {
    name: 'TypeError',
    message:
      'Expected `path` to be the path of a file as a string or file: URL, or a stream of bytes, got 5.',
  })
})

test('options of a wrong type, and those that do not exist, are refused', async () => {
  const refusals: [options: unknown, name: string, message: string][] = [
    [null, 'TypeError', 'Expected options such as { delimiter: … }, got null.'],
    [
      { delimitter: ',' },
      'TypeError',
      'readCsv has no option `delimitter`. Did you mean `delimiter`? It has: delimiter, decimal, encoding, thousands, skipRows, rowLimit, trim, header, comment, rowNames, shortRows, trailingDelimiter, skipInitialSpace, columns, schema, missing, out, onProgress, signal.',
    ],
    [
      { columns: 'carat' },
      'TypeError',
      "Expected `columns` to be a list of names of columns, got 'carat'.",
    ],
    [
      { missing: 'NA' },
      'TypeError',
      "Expected `missing` to be a list of texts such as ['', 'NA'], got 'NA'.",
    ],
    [
      { schema: 'number' },
      'TypeError',
      "Expected `schema` to be an object such as { age: 'number', name: 'category' }, got 'number'.",
    ],
    [
      { shortRows: 'skip' },
      'OneCopyError',
      "Expected `shortRows` to be 'error' or 'fill', got 'skip'.",
    ],
    [{ decimal: ';' }, 'OneCopyError', "Expected `decimal` to be '.' or ',', got ';'."],
    [{ header: 'no' }, 'TypeError', "Expected `header` to be true or false, got 'no'."],
    [{ delimiter: 5 }, 'TypeError', 'Expected `delimiter` to be one character, got 5.'],
    [{ out: 5 }, 'TypeError', 'Expected `out` to be the path of a folder, got 5.'],
    [{ onProgress: true }, 'TypeError', 'Expected `onProgress` to be a function, got true.'],
    [
      { signal: new AbortController() },
      'TypeError',
      'Expected `signal` to be an AbortSignal, got an object of class AbortController.',
    ],
  ]
  for (const [options, name, message] of refusals)
    await assert.rejects(readCsv('data.csv', options as CsvOptions), { name, message })
})

test('a field too long for memory is named by its own line, wherever it stands', async () => {
  const long = 'x'.repeat(33 << 20)
  for (const [text, line, options] of [
    [`a,b\n1,${long}\n`, 2],
    [`a,b\n1,2\n"x\ny",2\n3,${long}`, 5],
    [`${long},b\n1,2\n`, 1],
    [`sep=,\n\n# note\na${long},b\n`, 4, { comment: '#' }],
  ] as [string, number, CsvOptions?][]) {
    const refused = await refuse(text, options)
    assert.equal(
      refused.message,
      `FILE: expected rows of at most 32 MiB, got a longer one at line ${line}. Is the delimiter or a quote wrong?`,
    )
    assert.equal(refused.line, line)
  }
})

test('a quote that swallows a large file is found before it fills the memory', async () => {
  const text = `a,b\n1,"x\n${'2,y\n'.repeat(9 << 20)}`
  assert.deepEqual(await refuse(text), {
    code: 'ERR_FORMAT',
    message:
      'FILE: expected rows of at most 32 MiB, got a longer one at line 2. Is the delimiter or a quote wrong?',
    line: 2,
  })
})
