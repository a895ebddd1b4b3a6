/** What processes are called. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processTitle } from '../../../src/monitor/proc/process-title.ts'
import { FakeProc } from '../fake-proc.ts'

/** A /proc that shows nothing but one command line. */
function commandLine(...words: string[]): FakeProc {
  const files = new FakeProc()
  const bytes = Buffer.from(words.join('\0')).toString('latin1')
  if (words.length > 0) files.texts.set('/proc/7/cmdline', `${bytes}\0`)
  return files
}

test('a process of Node is called by its script', () => {
  const named = (...words: string[]) => processTitle(commandLine(...words), 7, 'MainThread')
  assert.equal(named('/usr/bin/node', '/a/fit.js', '5'), 'node fit.js')
  assert.equal(named('node', '--import', 'tsx', '--flag', '/a/fit.mts', 'x.js'), 'node fit.mts')
  assert.equal(named('node', '-e', 'while(1){}'), 'node')
  assert.equal(named('/usr/bin/node', '/usr/bin/npm', 'start'), 'node npm')
  assert.equal(named('node'), 'node')
  assert.equal(named('my title'), 'my title')
})

test('a process of Node 26 is called by its script', () => {
  const files = commandLine('/usr/bin/node', '/a/fit.js')
  assert.equal(processTitle(files, 7, 'node-MainThread'), 'node fit.js')
})

test('another program keeps the name that the kernel has', () => {
  assert.equal(processTitle(commandLine('/usr/lib/gcc/cc1plus', 'x.cc'), 7, 'cc1plus'), 'cc1plus')
})

test('an interpreter that shows no arguments has no title', () => {
  assert.equal(processTitle(commandLine(), 7, 'node'), undefined)
  assert.equal(processTitle(commandLine(''), 7, 'MainThread'), undefined)
})

test('names are UTF-8', () => {
  const bytes = Buffer.from('größe').toString('latin1')
  assert.equal(processTitle(commandLine(), 7, bytes), 'größe')
  assert.equal(processTitle(commandLine('node', '/a/größe.js'), 7, 'node'), 'node größe.js')
})
