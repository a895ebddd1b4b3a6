/** How progress shows on a terminal and elsewhere. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { Progress } from '../../../src/cli/output/progress.ts'
import { bar } from '../../../src/terminal-line.ts'

/** Keeps what is written, and a clock that a test moves. */
class Screen {
  readonly writes: string[] = []
  readonly columns: number
  time = 0

  constructor(columns = 60) {
    this.columns = columns
  }

  write(text: string): void {
    this.writes.push(text)
  }

  progress(terminal: boolean): Progress {
    return new Progress(this, { now: () => this.time, terminal })
  }
}

test('on a terminal one line is written over, at most ten times a second', () => {
  const screen = new Screen()
  const progress = screen.progress(true)
  progress.stage('Fitting')
  for (; screen.time <= 1000; screen.time += 7) {
    progress.update(bar(screen.time / 1000))
  }
  assert.ok(screen.writes.length <= 11, `${screen.writes.length} writes`)
  for (const text of screen.writes) {
    assert.match(text, /^\r/)
    assert.doesNotMatch(text, /\n/)
  }
  const shown = screen.writes.map((text) => stripVTControlCharacters(text).trim())
  assert.equal(shown[0], 'Fitting  0.0 s')
  assert.equal(shown[1], 'Fitting  ━━────────────────── 10 %  0.1 s')
})

test('at the end the line goes away, once', () => {
  const screen = new Screen()
  const progress = screen.progress(true)
  progress.stage('Reading')
  progress.end()
  progress.end()
  assert.equal(screen.writes.length, 2)
  assert.equal(screen.writes[1], '\r\u001B[K')
})

test('a line is never longer than the terminal, where it would wrap', () => {
  const screen = new Screen(30)
  const progress = screen.progress(true)
  progress.stage('Reading a file with a very long name.csv')
  progress.update('half of it')
  for (const text of screen.writes) {
    assert.ok(stripVTControlCharacters(text).replace('\r', '').length < 30)
  }
})

test('elsewhere every finished stage is one plain line, when the next one gets somewhere', () => {
  const screen = new Screen()
  const progress = screen.progress(false)
  progress.stage('Reading')
  progress.update('half')
  progress.finish('Read 9 rows.')
  progress.stage('Fitting')
  assert.deepEqual(screen.writes, [])
  progress.update('half')
  assert.deepEqual(screen.writes, ['Read 9 rows.\n'])
  progress.finish('Fitted.')
  progress.end()
  assert.deepEqual(screen.writes, ['Read 9 rows.\n', 'Fitted.\n'])
})

test('elsewhere a stage that fails leaves its line to the error', () => {
  const screen = new Screen()
  const progress = screen.progress(false)
  progress.stage('Reading')
  progress.finish('Read 9 rows.')
  progress.stage('Fitting')
  progress.clear()
  assert.deepEqual(screen.writes, [])
})

test('elsewhere a long stage says every ten seconds how far it is', () => {
  const screen = new Screen()
  const progress = screen.progress(false)
  screen.time = 1000
  progress.stage('Reading')
  for (; screen.time <= 26_000; screen.time += 100) progress.update(`${screen.time / 1000}`)
  assert.deepEqual(screen.writes, ['Reading  11  10.0 s\n', 'Reading  21  20.0 s\n'])
})
