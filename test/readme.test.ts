/** Runs every program of the README and of docs/ and checks what it says it prints. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { stripMore } from './strip-sources.ts'

const root = resolve(import.meta.dirname, '..')
mkdirSync(join(root, 'build'), { recursive: true })
// Inside the package, so that `import 'onecopy'` finds the package itself.
const folder = mkdtempSync(join(root, 'build', 'readme-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A document and the programs in it. */
interface Document {
  readonly name: string
  readonly text: string
  readonly folder: string
  readonly programs: readonly { readonly name: string; readonly text: string }[]
}

/**
 * The TypeScript blocks of a document are programs. A first line `// name.ts` names one, so that others
 * can import it; before those without a name goes the block that begins with `// before each example`.
 */
function readDocument(path: string): Document {
  const text = readFileSync(join(root, path), 'utf8')
  const name = basename(path, '.md')
  const [start = '', before = ''] =
    /```ts\n\/\/ before each example\n([\s\S]*?)```/.exec(text) ?? []
  const programs = [
    ...text.replace(start, '').matchAll(/```ts\n(?:\/\/ (\S+\.ts)\n)?([\s\S]*?)```/g),
  ].map(([, file, code], number) => ({
    name: file ?? `program-${number + 1}.ts`,
    text: file === undefined ? before + code! : code!,
  }))
  const own = join(folder, name)
  mkdirSync(own)
  for (const program of programs) writeFileSync(join(own, program.name), program.text)
  stripMore(programs.map((program) => relative(root, join(own, program.name))))
  return { name, text, folder: own, programs }
}

const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map(readDocument)

/** How many programs a document has at least, so that none is overlooked. */
const least: Readonly<Record<string, number>> = { README: 3 }

for (const { name, text, folder, programs } of documents) {
  test(`${name} has its programs`, () => {
    assert.ok(programs.length >= (least[name] ?? 0), `found ${programs.length}`)
  })

  test(`${name} shows what its programs import`, () => {
    // GitHub, npm and the site don't show comments.
    for (const [comment] of text.matchAll(/<!--[\s\S]*?-->/g))
      assert.doesNotMatch(comment, /\bimport\b/)
  })

  describe(
    `the programs of ${name} run and print what their comments promise`,
    {
      concurrency: 2,
    },
    () => {
      for (const program of programs) {
        test(program.name, { timeout: 60_000 }, async () => {
          // A working folder of its own, since programs of a page may write files of one name.
          const { stdout } = await promisify(execFile)(
            process.execPath,
            [join(folder, program.name)],
            { cwd: mkdtempSync(join(folder, 'run-')) },
          )
          const printed = stdout.trimEnd().split('\n')
          const promised = [...program.text.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)]
          for (const [, line] of promised)
            assert.ok(printed.includes(line!), `${line}\nnot in\n${stdout}`)
        })
      }
    },
  )
}

test('the compiler accepts all programs', { timeout: 120_000 }, async () => {
  const options = { noUnusedLocals: false, noUnusedParameters: false }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: options,
      include: ['**/*.ts'],
    }),
  )
  const compiler = join(root, 'node_modules/.bin/tsc')
  await promisify(execFile)(compiler, ['--noEmit', '-p', folder]).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => assert.fail(stdout + stderr),
  )
})

test('every name of ours that a document gives stands in the sources or in its programs', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n')
  const known = new Set(source.match(/\w+/g))
  for (const { name, text } of documents) {
    const prose = text.replace(/```[\s\S]*?```/g, '')
    const own = new Set(
      text
        .match(/```ts[\s\S]*?```/g)
        ?.join('')
        .match(/\w+/g),
    )
    for (const [, code = ''] of prose.matchAll(/`([^`\n]+)`/g))
      for (const [word] of code.matchAll(/\b[a-z]+[A-Z]\w*/g))
        assert.ok(known.has(word) || own.has(word), `${name}: ${word}`)
  }
})

test('every command and file that a document names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const texts = ['CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => ({
    name,
    text: readFileSync(join(root, name), 'utf8'),
  }))
  for (const { name, text } of [...documents, ...texts]) {
    for (const [, script] of text.matchAll(/`npm (?:run )?([\w:]+)`/g))
      assert.ok(['ci', 'install', ...Object.keys(scripts)].includes(script!), `npm run ${script}`)
    for (const [file] of text.matchAll(/\b(?:bench|examples|test)\/[\w/*-]+(?:\.\w+)*\.ts\b/g))
      assert.notEqual(globSync(file, { cwd: root }).length, 0, `${name}: ${file} is missing`)
  }
})
