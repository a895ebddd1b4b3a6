/** What the texts of /proc say, on recorded ones. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseChildren,
  parseSmapsRollup,
  parseStat,
  parseStatus,
} from '../../../src/monitor/proc/proc.ts'

/** Linux 6.18, an idle `node` 24. */
const status = `Name:	node
Umask:	0022
State:	S (sleeping)
Pid:	9728
FDSize:	256
Groups:	 
VmPeak:	  728452 kB
VmSize:	  728236 kB
VmLck:	       0 kB
VmPin:	       0 kB
VmHWM:	   40320 kB
VmRSS:	   40320 kB
RssAnon:	    6320 kB
RssFile:	   34000 kB
RssShmem:	       0 kB
VmData:	   48604 kB
VmStk:	     132 kB
VmPTE:	     372 kB
VmSwap:	       4 kB
HugetlbPages:	       0 kB
Threads:	7
SigQ:	0/96343
`

test('status gives the memory of a process in bytes', () => {
  assert.deepEqual(parseStatus(status), {
    anonymous: 6320 * 1024,
    shmem: 0,
    fileBacked: 34000 * 1024,
    pageTables: 372 * 1024,
    swap: 4 * 1024,
    peakRss: 40320 * 1024,
  })
})

test('a status without memory lines, as of a zombie, gives undefined and never 0', () => {
  const zombie = 'Name:\tnode\nState:\tZ (zombie)\nPid:\t9799\nFDSize:\t0\nThreads:\t1\n'
  assert.deepEqual(Object.values(parseStatus(zombie)), Array(6).fill(undefined))
})

test('stat gives who a process is', () => {
  const text =
    '9728 (node) S 9726 9726 4421 0 -1 4194304 2201 0 27 0 6 4 0 0 20 0 7 0 172121 745713664 10064 0\n'
  assert.deepEqual(parseStat(text), {
    pid: 9728,
    name: 'node',
    state: 'S',
    parent: 9726,
    cpuMs: 100,
    threads: 7,
    startTime: 172121,
    minorFaults: 2201,
    childFaults: 0,
  })
})

test('stat tells when a process gives its memory back, at its end or for another program', () => {
  const stat = (state: string, size: number, program: number) =>
    parseStat(
      `7 (sh) ${state} 1 7 7 0 -1 0 9 0 0 0 6 4 0 0 20 0 1 0 99 ${size} 5 1 ${program} 8 9${' 0'.repeat(24)}`,
    )!
  const figures = [stat('R', 8192, 4096), stat('R', 0, 1), stat('Z', 0, 1), stat('R', 8192, 0)]
  assert.deepEqual(
    figures.map(({ isEnding = false, isInExec = false }) => [isEnding, isInExec]),
    [
      [false, false],
      [true, false],
      [false, false],
      [false, true],
    ],
  )
})

test('a name with spaces and parentheses moves no field of stat', () => {
  const text = '17 (a) R 1 (x) Z 5 5 5 0 -1 0 0 0 0 0 6 4 0 0 20 0 2 0 99 0 0\n'
  const stat = parseStat(text)
  assert.equal(stat?.name, 'a) R 1 (x')
  assert.deepEqual([stat?.state, stat?.parent, stat?.startTime], ['Z', 5, 99])
})

test('a stat that is cut short gives undefined', () => {
  for (const text of ['', '17', '17 (node', '17 (node) S 1 2 3']) {
    assert.equal(parseStat(text), undefined, JSON.stringify(text))
  }
})

test('a list of children may be empty and ends with a space', () => {
  assert.deepEqual(parseChildren(''), [])
  assert.deepEqual(parseChildren('12 1345 '), [12, 1345])
})

test('smaps_rollup gives PSS by kind, and USS', () => {
  const rollup = `555ef7e8d000-7ffef77da000 ---p 00000000 00:00 0                          [rollup]
Rss:                1676 kB
Pss:                 345 kB
Pss_Dirty:           112 kB
Pss_Anon:            112 kB
Pss_File:            230 kB
Pss_Shmem:             3 kB
Shared_Clean:       1500 kB
Private_Clean:        64 kB
Private_Dirty:       112 kB
`
  assert.deepEqual(parseSmapsRollup(rollup), {
    pss: 345 * 1024,
    uss: 176 * 1024,
    pssAnonymous: 112 * 1024,
    pssShmem: 3 * 1024,
    pssFile: 230 * 1024,
  })
  assert.deepEqual(Object.values(parseSmapsRollup('')), Array(5).fill(undefined))
})
