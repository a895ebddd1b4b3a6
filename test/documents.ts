/** The programs in README.md and docs/, and how they run. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  copyFileSync,
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

export const root = resolve(import.meta.dirname, '..')
mkdirSync(join(root, 'build'), { recursive: true })
/** Inside the package, so that `import 'onecopy'` finds the package itself. */
export const folder = mkdtempSync(join(root, 'build', 'readme-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Paths of all pages in docs/. */
export const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)

/** A document and the programs in it. */
export interface Document {
  readonly name: string
  readonly text: string
  readonly folder: string
  readonly programs: readonly { readonly name: string; readonly text: string }[]
}

/**
 * The TypeScript blocks of a document are programs. A first line `// name.ts` names one, so that others
 * can import it; before those without a name goes the block that begins with `// before each example`.
 */
export function readDocument(path: string): Document {
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

/** Files that the programs of a page open and that Python writes, by their names there. */
const inputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'array-files': { 'model.skops': 'test/fixtures/skops/pipeline.skops' },
}

/** A new working folder, since programs of a page may write files of one name. */
function makeWorkingFolder({ name, folder: own }: Document): string {
  const working = mkdtempSync(join(own, 'run-'))
  for (const [file, fixture] of Object.entries(inputs[name] ?? {}))
    copyFileSync(join(root, fixture), join(working, file))
  return working
}

/** Declares a test for each program of a document: it runs, and prints what its comments promise. */
export function testPrograms(document: Document): void {
  const { name, folder: own, programs } = document
  describe(
    `the programs of ${name} run and print what their comments promise`,
    { concurrency: 2 },
    () => {
      for (const program of programs) {
        test(program.name, { timeout: 60_000 }, async () => {
          const { stdout } = await promisify(execFile)(
            process.execPath,
            [join(own, program.name)],
            { cwd: makeWorkingFolder(document) },
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
