/** What tasks print arrives whole, in order, and as the option says. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { delayed, type OutputLine } from '../../../src/parallel/index.ts'
import { exit, killMyself } from '../../fixtures/tasks/misbehaving.ts'
import { after } from '../../fixtures/tasks/plain.ts'
import { place, print, printSoon } from '../../fixtures/tasks/workers.ts'
import { onBackends, workerBackends } from '../backends.ts'

/** Runs `programs/print.ts` in a process of its own, and gives what comes out. */
function run(...args: string[]): { stdout: string; stderr: string } {
  const program = fileURLToPath(new URL('../programs/print.ts', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  return { stdout, stderr }
}

for (const backend of workerBackends) {
  test(`lines of ${backend} are whole, and before the result of their task`, () => {
    const { stdout, stderr } = run(backend, 'inherit')
    const lines = stdout.split('\n')
    for (const name of ['a', 'b', 'c']) {
      const own = lines.filter((line) => line.startsWith(`${name} `))
      const numbered = own.filter((line) => line.endsWith(' end'))
      assert.ok(own.includes(`${name} has no line break`), 'it is ended with its task')
      assert.deepEqual(
        numbered,
        ['0', '1', '2'].map((i) => `${name} ${i} end`),
      )
      const result = lines.indexOf(`result ${name}`)
      assert.ok(result > lines.findLastIndex((line) => line === `${name} 2 end`))
      for (const i of [0, 1, 2]) assert.ok(stderr.includes(`${name} error ${i}\n`))
    }
  })

  test(`'prefix' names worker and task of each line of ${backend}`, () => {
    const { stdout, stderr } = run(backend, 'prefix')
    const worker = backend === 'threads' ? 'thread \\d+' : 'process \\d+'
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      assert.match(stdout, new RegExp(`^\\[${worker}, task ${i}\\] ${name} 1 end$`, 'm'))
      assert.match(
        stdout,
        new RegExp(`^\\[${worker}, task ${i}\\] ${name} has no line break$`, 'm'),
      )
      assert.match(stderr, new RegExp(`^\\[${worker}, task ${i}\\] ${name} error 2$`, 'm'))
    }
    for (const line of stdout.split('\n')) assert.match(line, /^(\[.*\] [abc] .*|result [abc]|)$/)
  })

  test(`'ignore' drops what ${backend} print`, () => {
    const { stdout, stderr } = run(backend, 'ignore')
    assert.deepEqual([stdout, stderr], ['result a\nresult b\nresult c\n', ''])
  })
}

test('what native code of a process writes to stderr comes too', () => {
  assert.match(run('processes', 'inherit', 'past').stderr, /^written past Node$/m)
})

onBackends(workerBackends, 'a function gets each line, with its task and worker', async (make) => {
  const lines: OutputLine[] = []
  const parallel = make({ workers: 1, output: (line) => void lines.push(line) })
  const [, worker] = await parallel.run([delayed(print)('x', 2), delayed(place)()])
  const task = { index: 0, name: 'print' }
  assert.deepEqual(lines, [
    { text: 'x 0 end', stream: 'stdout', worker, task },
    { text: 'x error 0', stream: 'stderr', worker, task },
    { text: 'x 1 end', stream: 'stdout', worker, task },
    { text: 'x error 1', stream: 'stderr', worker, task },
    { text: 'x has no line break', stream: 'stdout', worker, task },
  ])
})

onBackends(
  workerBackends,
  'what a function throws that gets lines ends the run whose task printed them, and no other',
  async (make) => {
    const thrown = new RangeError('no more lines')
    const parallel = make({
      output: ({ text }) => {
        if (text.startsWith('bad')) throw thrown
      },
    })
    const other = parallel.run([delayed(print)('good', 1), delayed(after)(300, 'done')])
    const bad = await parallel.run([delayed(print)('bad', 2)]).catch((error: unknown) => error)
    assert.equal(bad, thrown)
    assert.deepEqual(await other, ['good', 'done'])
    // The run goes on until then.
    const tasks = [delayed(printSoon)('bad'), delayed(after)(60_000, 1)]
    await assert.rejects(parallel.run(tasks), thrown)
  },
)

onBackends(workerBackends, 'what was printed before an end is not lost', async (make, backend) => {
  const texts: string[] = []
  const parallel = make({ workers: 1, output: ({ text }) => void texts.push(text) })
  await assert.rejects(parallel.run([delayed(print)('x', 1), delayed(exit)(1)]))
  if (backend === 'processes') {
    await assert.rejects(parallel.run([delayed(print)('y', 1), delayed(killMyself)('SIGKILL')]))
  }
  assert.ok(texts.includes('x 0 end'))
  assert.ok(backend === 'threads' || texts.includes('y 0 end'))
})
