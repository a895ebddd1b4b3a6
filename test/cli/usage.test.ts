/** What the command says to input that it can't use: one line, exit code 2. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, saveArray } from '../../src/arrays/index.ts'
import { tableLines, Workplace } from './run-command.ts'

const place = new Workplace()
after(() => place.remove())

const rows = (count: number, row: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i))
place.file('good.csv', tableLines(50))
place.file('header.csv', ['a,b'])
place.file('one.csv', ['a,b', '1,2'])
place.file('constant.csv', ['a,b', ...rows(9, (i) => `${i},7`)])
place.file('ragged.csv', ['a,b', '1,2', '3', '5,6'])
place.file('quote.csv', ['a,b', '1,"2', '3,4'])
place.file('text.csv', ['a,b', '1,2', '3,oops', '5,6'])
place.file('comment.csv', ['# made by hand', 'a,b', '1,2'])
place.file('bare.csv', ['1,2', '3,4'])
place.file('percent.csv', ['a,b', '1,2', '% half', '3,4'])
place.file('trailing.csv', ['a,b', '1,2,', '3,4,'])
place.file('names.csv', ['a b', 'x 1 2', 'y 3 4'])
place.file('comma.csv', ['a;b', '1,5;2,5', '2;3'])
place.file('odd.csv', ['a,b', '2,3', "1,it's"])
place.file('infinite.csv', ['a,b', ...rows(9, (i) => `${i === 3 ? 'inf' : i},${i * i}`)])
place.file('gap-before.csv', ['a,b', ',7', ...rows(9, (i) => `${i === 3 ? 'inf' : i},${i * i}`)])
place.file('alone.csv', ['b', '1', '2', '3', '4', '5'])
place.file('gaps.csv', ['a,b', ',1', '2,', ',3', '4,', ',5'])
place.file('data.parquet', ['PAR1'])
place.file('plain', ['a,b', '1,2'])
place.file('broken.npy', ['this is no npy'])
writeFileSync(join(place.path, 'empty.csv'), '')
mkdirSync(join(place.path, 'folder.csv'))
mkdirSync(join(place.path, 'taken'))
place.file('taken/report.json', ['{"mine": true}'])
await saveArray(join(place.path, 'vector.npy'), array([1, 2, 3]))
await saveArray(join(place.path, 'matrix.npy'), array([[1, 2, 3]]))
await saveArray(
  join(place.path, 'nan.npy'),
  array(Array.from({ length: 9 }, (_, i) => [i, i === 4 ? NaN : i * i])),
)
const names = place.names()

/** Arguments of `onecopy`, and the line that it answers. */
const wrong: Record<string, string> = {
  // Files
  'fit missing.csv -t b': "There is no file 'missing.csv'.",
  'fit plain/x.csv -t b': "There is no file 'plain/x.csv'.",
  'fit folder.csv -t b': "Expected a file, but 'folder.csv' is a folder.",
  'fit data.parquet -t b':
    "Expected a .csv, .tsv, .arrow, .feather or .npy file, got 'data.parquet'.",
  'fit plain -t b': "Expected a .csv, .tsv, .arrow, .feather or .npy file, got 'plain'.",
  'fit empty.csv -t b':
    'PLACE/empty.csv: expected a header with the names of the columns, the file is empty.',
  'fit header.csv -t b': 'Expected rows to learn from, header.csv has none.',
  'fit ragged.csv -t b':
    'PLACE/ragged.csv: expected 2 fields like the first row has, got 1 at line 3. If rows may leave out their last fields, pass --short-rows; the fields left out are missing.',
  'fit comment.csv -t b':
    "Expected a column 'b' in PLACE/comment.csv, got a file without it. There are '# made by hand'. A line begins with '#'. If such lines are comments, pass --comment '#'.",
  'fit percent.csv -t b':
    "PLACE/percent.csv: expected 2 fields like the first row has, got 1 at line 3. A line begins with '%'. If such lines are comments, pass --comment %.",
  'fit trailing.csv -t b':
    'PLACE/trailing.csv: expected 2 fields like the first row has, got 3 at line 2. The row ends with a delimiter. If all rows may, pass --trailing-delimiter.',
  'fit names.csv -t b --delimiter : --comment :':
    "Expected --comment to be another character than --delimiter, got ':'.",
  'fit names.csv -t b --delimiter xx':
    "Expected --delimiter to be one ASCII character such as ',' or '\\t', no letter, digit, quote, sign, point or line end, got 'xx'.",
  'fit names.csv -t b --comment x':
    "Expected --comment to be one ASCII character such as '#' or '%', got 'x'.",
  'fit comma.csv -t b --decimal , --delimiter ,':
    "Expected a column 'b' in PLACE/comma.csv, got a file without it. There are 'a;b'. If the fields are separated by ';', pass --delimiter ';'.",
  'fit comma.csv -t b --decimal ;': "Expected --decimal to be . or ,, got ';'.",
  'fit quote.csv -t b':
    'PLACE/quote.csv: expected a closing quote for the one at line 2, got the end of the file.',
  'fit broken.npy -t 0': "Expected a .npy file, PLACE/broken.npy doesn't begin like a .npy file.",
  'fit vector.npy -t 0':
    'Expected vector.npy to hold a matrix of at least 2 columns, got shape (3).',

  // Columns and what is in them
  'fit good.csv -t prize':
    "Expected a column 'prize' in PLACE/good.csv, got a file without it. Did you mean 'price'?",
  'fit bare.csv -t b':
    "Expected a column 'b' in PLACE/bare.csv, got a file without it. There are '1', '2'. If the first row is no header, pass --no-header; columns are then column1, column2, and so on.",
  'fit good.csv -t kind --task regression':
    "Expected numbers in the target 'kind', got 'plain' at line 2 of good.csv. To predict texts as classes, leave out --task.",
  'fit text.csv -t b':
    "Expected numbers in the target 'b', got 'oops' at line 3 of text.csv. If the others in this column are numbers and this one means \"no value\", pass --missing oops. To predict all values as classes, pass --task classification.",
  'fit odd.csv -t b': String.raw`Expected numbers in the target 'b', got 'it's' at line 3 of odd.csv. If the others in this column are numbers and this one means "no value", pass --missing 'it'\''s'. To predict all values as classes, pass --task classification.`,
  'fit comma.csv -t b':
    "Expected numbers in the target 'b', got '2,5' at line 2 of comma.csv. If the comma is a decimal point, pass --decimal ','.",
  'fit good.csv -t price --text kinds':
    "Expected a column 'kinds' in PLACE/good.csv, got a file without it. Did you mean 'kind'?",
  'fit good.csv -t price --without kinds':
    "Expected the name of a column, got 'kinds'. Did you mean 'kind'?",
  'fit good.csv -t price --text price':
    "Expected --text to name other columns than --target, got 'price'.",
  'fit good.csv -t price --without kind,price':
    "Expected --without to name one column, got 'kind,price'. Repeat it for each column: --without 'kind' --without 'price'.",
  'fit good.csv -t price --without price':
    "Expected --without to name other columns than --target, got 'price'.",
  'fit good.csv -t price --row-names --no-header':
    'Expected one of --row-names and --no-header: row names need a header.',
  'fit matrix.npy -t 0 --short-rows --no-header':
    "Expected --short-rows, --no-header with a .csv or .tsv file only, got it with 'matrix.npy'.",
  'fit matrix.npy -t 3':
    "Expected --target to be a column number from 0 to 2, got '3': matrix.npy has 3 columns without names.",
  'fit matrix.npy -t price':
    "Expected --target to be a column number from 0 to 2, got 'price': matrix.npy has 3 columns without names.",
  'fit alone.csv -t b':
    "Expected columns to predict 'b' from in alone.csv. It has no other column.",
  'fit gaps.csv -t b':
    "Expected columns to predict 'b' from in gaps.csv. Column 'a' was left out: it has no value in 3 of 5 rows.",
  'fit constant.csv -t b': "There is nothing to predict: 'b' is 7 in all 9 rows.",
  'fit one.csv -t b':
    'Expected at least 5 rows for 5 folds, got 1. Use fewer folds with --folds, or more rows.',
  'fit nan.npy -t 1':
    'Expected finite numbers in nan.npy, got NaN in column 1, row 4 (counted from 0).',
  'fit nan.npy -t 0':
    'Expected finite numbers in nan.npy, got NaN in column 1, row 4 (counted from 0).',
  'fit infinite.csv -t b':
    'Expected finite numbers in infinite.csv, got Infinity in a, row 3 (counted from 0).',
  'fit infinite.csv -t a --preset quick':
    'Expected finite numbers in infinite.csv, got Infinity in a, row 3 (counted from 0).',
  'fit gap-before.csv -t b':
    'Expected finite numbers in gap-before.csv, got Infinity in a, row 4 (counted from 0).',

  // Options
  'fit good.csv -t price --folds 1':
    "Expected --folds to be a whole number from 2 to 1000, got '1'.",
  'fit good.csv -t price --folds many':
    "Expected --folds to be a whole number from 2 to 1000, got 'many'.",
  'fit good.csv -t price --folds 51':
    'Expected at least 51 rows for 51 folds, got 50. Use fewer folds with --folds, or more rows.',
  'fit good.csv -t price --workers 0':
    "Expected --workers to be a whole number from 1 to 1024, got '0'.",
  'fit good.csv -t price --workers 1.5':
    "Expected --workers to be a whole number from 1 to 1024, got '1.5'.",
  'fit good.csv -t price --backend gpu':
    "Expected --backend to be threads or processes, got 'gpu'.",
  'fit good.csv -t price --seed -1':
    "Expected --seed to be a whole number from 0 to 4294967295, got '-1'.",
  'fit good.csv -t price --fold 3': "unknown option '--fold'. Did you mean --folds?",
  'fit good.csv -t price --n-jobs 3': "unknown option '--n-jobs'. onecopy calls it --workers.",
  'fit good.csv -t price --jobs=3': "unknown option '--jobs=3'. onecopy calls it --workers.",
  'fit good.csv -t price -t carat': "Expected --target once, got 'price' and 'carat'.",
  'fit good.csv -t price --workers -0':
    "Expected --workers to be a whole number from 1 to 1024, got '-0'.",
  'fit good.csv -t price --out plain': "Expected --out to be a folder, but 'plain' is a file.",
  'fit good.csv -t price --out no/where':
    "Can't write to the folder 'PLACE/no': no such file or directory.",
  'fit good.csv -t price --out /proc/out':
    "Can't write to the folder '/proc': no such file or directory.",
  'fit good.csv -t price --out taken':
    "The folder 'taken' has a file 'report.json' that onecopy fit did not write. Choose another folder with --out.",
  'fit good.csv': "required option '-t, --target <column>' not specified.",
  'fit good.csv -t': "option '-t, --target <column>' argument missing.",
  'fit good.csv --targt price': "unknown option '--targt'. Did you mean --target?",
  fit: "missing required argument 'file'.",
  'fit -t b': "missing required argument 'file'.",
  'fit good.csv more.csv -t b': "too many arguments for 'fit'. Expected 1 argument but got 2.",
  'fti good.csv': "unknown command 'fti'. Did you mean fit?",
  '--nope': "unknown option '--nope'.",
}

for (const [args, line] of Object.entries(wrong)) {
  test(`onecopy ${args}`, async () => {
    const { stdout, stderr, code } = await place.call(args.split(' '))
    assert.equal(stderr, `onecopy: ${line.replace('PLACE', place.path)}\n`)
    assert.equal(stdout, '')
    assert.equal(code, 2)
    assert.deepEqual(place.names(), names)
    assert.deepEqual(place.leftovers(), [])
  })
}

test('without a command, help goes to stderr', async () => {
  const { stdout, stderr, code } = await place.run([])
  assert.match(stderr, /^Usage: onecopy /)
  assert.deepEqual([stdout, code], ['', 2])
})
