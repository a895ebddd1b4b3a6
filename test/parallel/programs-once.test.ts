/** Programs that other files start: no worker runs them again. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const library = new URL('../../src/parallel/index.ts', import.meta.url).href
const folder = mkdtempSync(join(tmpdir(), 'onecopy-once-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What each program begins with. */
const head = `import { delayed, Parallel, task } from '${library}'
console.log('started')
const factor = 3
export const triple = (x) => x * factor
const runOn = async (backend, tasks) => {
  const parallel = new Parallel({ workers: 1, backend })
  try {
    return await parallel.run(tasks)
  } finally {
    await parallel.close()
  }
}
const runAll = async (makeTasks) => {
  for (const backend of ['serial', 'threads', 'processes'])
    console.log(backend, ...(await runOn(backend, makeTasks()).catch((e) => [e.code, e.message])))
}
`
const expected = 'started\nserial 6\nthreads 6\nprocesses 6\n'

interface Program {
  readonly files: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly output?: string
  readonly backend?: string
}

const wrapper = { 'wrapper.mjs': "import './main.mjs'" }
const wrapped = (text: string): Record<string, string> => ({ ...wrapper, 'main.mjs': head + text })

const programs: Record<string, Program> = {
  'that awaits its run': { files: wrapped('await runAll(() => [delayed(triple)(2)])') },
  'that does not wait for its run': { files: wrapped('runAll(() => [delayed(triple)(2)])') },
  'whose main function waits before it runs': {
    files: wrapped(`
      async function main() {
        await new Promise((resolve) => setTimeout(resolve, 1))
        await runAll(() => [delayed(triple)(2)])
      }
      main().catch(console.error)`),
  },
  'whose callback runs': {
    files: wrapped(
      'Promise.resolve().then(async () => { await null; await runAll(() => [delayed(triple)(2)]) })',
    ),
  },
  'that a closure elsewhere refers to': {
    files: {
      'wrapper.mjs': `import { ready, run, triple } from './main.mjs'
        await ready
        await run(() => [delayed((x) => triple(x))(2)])`.replace(
        'await run',
        `import { delayed } from '${library}'\nawait run`,
      ),
      'main.mjs': `${head}
        export const ready = runAll(() => [delayed(triple)(2)])
        export { runAll as run }`,
    },
    output: expected + expected.replace('started\n', ''),
  },
  'that --import loads': {
    files: { ...wrapped('await runAll(() => [delayed(triple)(2)])'), 'idle.mjs': '' },
    args: ['--import', './main.mjs', 'idle.mjs'],
  },
  'that --import loads, and whose main function waits': {
    files: {
      'main.mjs': `${head}
        const main = async () => {
          await new Promise((resolve) => setTimeout(resolve, 1))
          await runAll(() => [delayed(triple)(2)])
        }
        main()`,
      'idle.mjs': '',
    },
    args: ['--import=./main.mjs', 'idle.mjs'],
  },
  'in CommonJS': {
    files: {
      'wrapper.cjs': "require('./main.cjs')",
      'main.cjs': `
        import('${library}').then(async ({ delayed, Parallel }) => {
          for (const backend of ['serial', 'threads', 'processes']) {
            const parallel = new Parallel({ workers: 1, backend })
            console.log(backend, ...(await parallel.run([delayed(exports.triple)(2)])))
            await parallel.close()
          }
        })
        console.log('started')
        exports.triple = (x) => x * 3`,
    },
    args: ['wrapper.cjs'],
  },
  'in TypeScript under tsx': {
    files: {
      'wrapper.ts': "import './main.ts'",
      'main.ts': `${head.replaceAll('(x)', '(x: number)')} await runAll(() => [delayed(triple)(2)])`,
      'package.json': '{ "type": "module" }',
    },
    args: ['--import', import.meta.resolve('tsx'), 'wrapper.ts'],
  },
}

programs['in CommonJS by tsx, of whose modules a closure uses a part'] = {
  files: {
    'wrapper.ts': "import './main.ts'",
    'main.ts': `import { twice } from './work.ts'
      ${head.replaceAll('(x)', '(x: number)')} runAll(() => [delayed((x: number) => twice(x) + 2)(2)])`,
    'work.ts': `
      import { EventEmitter } from 'node:events'
      const held = new EventEmitter()
      export const twice = (x: number) => 2 * x
      export const pool = () => held`,
    'package.json': '{ "type": "commonjs" }',
  },
  args: ['--import', import.meta.resolve('tsx'), 'wrapper.ts'],
}

for (const [name, program] of Object.entries(programs)) {
  test(`a program ${name} runs once on every backend`, { timeout: 240_000 }, async () => {
    assert.equal(await run(program), program.output ?? expected)
  })
}

async function run({ files, args = ['wrapper.mjs'], backend }: Program): Promise<string> {
  const cwd = mkdtempSync(join(folder, 'program-'))
  mkdirSync(cwd, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const options = { cwd, timeout: 100_000, env: { ...process.env, BACKEND: backend } }
  const { promise, resolve } = Promise.withResolvers<string>()
  execFile(process.execPath, args, options, (_, stdout, stderr) => resolve(stdout + stderr))
  return promise
}

/** Begins a run by its evaluation, on the backend that the environment names; a failure ends it. */
const runOnce = `import { delayed, Parallel, task } from '${library}'
console.log('started')
const parallel = new Parallel({ workers: 1, backend: process.env.BACKEND })
`

for (const backend of ['threads', 'processes']) {
  test(`a run that ${backend} begin as they import a task's module is refused`, async () => {
    const output = await run({
      files: {
        'main.mjs': `import { half } from './half.mjs'
          ${runOnce}
          await parallel.run([delayed(half)(2)])`,
        'half.mjs': "import './main.mjs'\nexport function half(x) { return x / 2 }",
      },
      args: ['main.mjs'],
      backend,
    })
    assert.match(output, /^started\nstarted\n/)
    assert.match(
      output,
      /OneCopyError: Expected no run to start while a worker loads functions, but main\.mjs:6 starts one when main\.mjs is evaluated\. A worker imports half\.mjs, and with it main\.mjs, for a task, so the program would run again\. Move the functions of tasks to a module that starts no runs and imports none that does\.\n/,
    )
  })

  test(`a run of a program that ${backend} have imported for a task is refused`, async () => {
    const output = await run({
      files: {
        'main.mjs': `import { delayed, Parallel } from '${library}'
          import { outcome } from './half.mjs'
          const parallel = new Parallel({ workers: 1, backend: process.env.BACKEND })
          console.log(...(await parallel.run([delayed(outcome)()])))`,
        'half.mjs': `${runOnce}
          async function main() {
            await new Promise((resolve) => setTimeout(resolve, 1))
            if (!process.argv[1].endsWith('main.mjs')) await parallel.run([delayed(outcome)()])
          }
          const { promise, resolve } = Promise.withResolvers()
          main().catch((error) => resolve(error.message))
          export const outcome = () => promise`,
      },
      args: ['main.mjs'],
    })
    assert.match(
      output,
      /Expected no run to start while a worker loads functions, but half\.mjs:7 starts one when half\.mjs is evaluated\. A worker imports it for a task, so the program would run again\./,
    )
  })

  test(`a run that ${backend} begin as they start is refused`, async () => {
    const output = await run({
      files: {
        'package.json': '{ "imports": { "#main": "./main.mjs" } }',
        'main.mjs': `${runOnce}
          await parallel.run([delayed((x) => x / 2)(2)])`,
        'idle.mjs': '',
      },
      args: ['--import', '#main', 'idle.mjs'],
      backend,
    })
    assert.match(
      output,
      /Expected no run to start while a worker starts, but main\.mjs:5 starts one: --import, --require or NODE_OPTIONS loads it into every worker too\. Start runs in the file that Node is started with, or start workers without that option: new Parallel\(\{ execArgv: \[\] \}\)\./,
    )
  })
}

test('a named export of a module that waits for its run is refused in the same thread', async () => {
  const output = await run({
    files: {
      'wrapper.mjs': "import './main.mjs'",
      'main.mjs': `${runOnce}
        export const half = (x) => x / 2
        await parallel.run([task(import.meta.url, 'half')(2)])`,
    },
    backend: 'serial',
  })
  assert.match(
    output,
    /Expected the module of `half` to be evaluated, but the run starts at main\.mjs:6, outside of functions\. In this thread the function can't be imported before the evaluation ends\. Write delayed\(half\) instead of task\(…\), or start the run in a function that is called later\./,
  )
})

test('an export that is refused as source says why it is not imported', async () => {
  const output = await run({
    files: {
      'wrapper.mjs': "import './main.mjs'",
      'main.mjs': `${runOnce}
        const seen = new WeakSet()
        export const half = (x) => seen.has(x) || x / 2
        await parallel.run([delayed(half)(2)])`,
    },
    backend: 'threads',
  })
  assert.match(
    output,
    /`half` captures `seen` at main\.mjs:6, .*\(main\.mjs exports `half`, but starts a run when it is evaluated: a worker that imports it would run the program again\.\)\n/,
  )
})
