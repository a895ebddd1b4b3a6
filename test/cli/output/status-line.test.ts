/** The line at the bottom of a terminal: it stays in its row and gives it back. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { StatusLine } from '../../../src/cli/output/status-line.ts'
import { Workplace } from '../run-command.ts'
import { runOnTerminal } from '../terminal.ts'

/** A terminal of some size that keeps what is written to it. */
function terminal(rows = 10, columns = 20) {
  let written = ''
  const stream = {
    isTTY: true,
    rows,
    columns,
    write: (text: string) => {
      written += text
    },
  }
  const take = (): string => {
    const text = written
    written = ''
    return JSON.stringify(text).replaceAll(String.raw`\u001b`, '^')
  }
  return { line: new StatusLine(stream, { terminal: true }), stream, take }
}

test('the line takes the last row, and nothing that scrolls comes into it', () => {
  const { line, take } = terminal()
  line.show('12 MB')
  // Room, saved cursor, scrolling region of rows 1 to 9, row 10, text, cursor back.
  assert.equal(take(), String.raw`"\n^[1A^7^[1;9r^[10;1H^[2K^[2m12 MB^[22m^8"`)
  line.show('13 MB')
  assert.equal(take(), String.raw`"^7^[1;9r^[10;1H^[2K^[2m13 MB^[22m^8"`)
  line.clear()
  assert.equal(take(), String.raw`"^7^[r^[10;1H^[2K^8"`)
  line.clear()
  assert.equal(take(), '""')
})

test('a long line is cut, a terminal of few rows has none, and a new size counts', () => {
  const { line, stream, take } = terminal()
  line.show('a line that is longer than the terminal')
  assert.match(take(), /2ma line that is long\^/)
  stream.rows = 30
  line.show('x')
  assert.match(take(), /\^\[1;29r\^\[30;1H/)
  line.clear()
  stream.rows = 3
  take()
  line.show('x')
  assert.equal(take(), '""')
})

test('elsewhere than on a terminal nothing is written', () => {
  let written = ''
  const line = new StatusLine({
    write: (text: string) => {
      written += text
    },
  })
  assert.equal(line.isShown, false)
  line.show('x')
  line.clear()
  assert.equal(written, '')
})

const place = new Workplace()
after(() => place.remove())
const file = join(place.path, 'run.json')

test('on a terminal a profile shows how the run stands, and leaves no trace', (t) => {
  const command = ['sh', '-c', 'echo begin; sleep 2; echo end']
  const ended = runOnTerminal(['profile', '-o', file, '--', ...command])
  if (!ended) return t.skip('python3 has no pty here')
  const output = ended.output.replaceAll('\u001B', '^')
  assert.equal(ended.code, 0)
  assert.match(output, /begin\r\n/)
  assert.match(output, /\^\[2m[\d.]+ m?s {3}\S+ [kM]B hard {3}peak \S+ [kM]B {3}2 processes\^\[22m/)
  assert.match(output, /end\r\n[\s\S]*\^7\^\[r\^\[24;1H\^\[2K\^8onecopy: Peak/)
})

test('a Ctrl-C reaches the command once', (t) => {
  const name = place.file('count.mjs', [
    'let count = 0',
    "process.on('SIGINT', () => {",
    '  if (count++ === 0) setTimeout(() => process.exit(40 + count), 500)',
    '})',
    "console.log('press Ctrl-C')",
    'setInterval(() => {}, 1000)',
  ])
  const command = [process.execPath, join(place.path, name)]
  const ended = runOnTerminal(['profile', '-o', file, '--', ...command])
  if (!ended) return t.skip('python3 has no pty here')
  assert.equal(ended.code, 41, ended.output)
})
