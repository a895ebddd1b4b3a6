/** Compiles the examples of all docstrings under the strict options of the project. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const doors = ['.', 'arrays', 'parallel', 'monitor', 'learn', 'tables', 'models', 'cache', 'serve']

/** Errors about names that an example doesn't declare, such as `work` and `X`, and what follows from them. */
const undeclared = ['TS2304', 'TS2552', 'TS18004', 'TS7006']

interface Example {
  readonly place: string
  readonly code: string
}

/** The programs of all `@example`s, with the file and line where they stand. */
function findExamples(): Example[] {
  return globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const blocks = text.matchAll(/^ *\* @example[^\n]*\n *\* ```ts\n([^]*?)^ *\* ```$/gm)
    return [...blocks].map(({ 1: code = '', index }) => ({
      place: `${file}:${text.slice(0, index).split('\n').length}`,
      code: code.replaceAll(/^ *\* ?/gm, ''),
    }))
  })
}

/** All names of a door, so that an example needs no imports. */
function namesOf(door: string): string[] {
  const file = join(root, 'src', door, 'index.ts')
  const own = readFileSync(file, 'utf8')
  const parts = [...own.matchAll(/export \* from '(.*)'/g)]
  const texts = parts.map(([, part]) => readFileSync(resolve(file, '..', part!), 'utf8'))
  const text = [own, ...texts].join('\n')
  const lists = text.matchAll(/export (?:type )?\{([^}]*)\}/g)
  return [...lists].flatMap(({ 1: list = '' }) =>
    list
      .split(',')
      .map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      )
      .filter((name) => name !== ''),
  )
}

/** An example as a module of its own; what it doesn't import comes from the doors. */
function asModule({ code }: Example, names: ReadonlyMap<string, string>): string {
  const own = new Set(
    [...code.matchAll(/\b(?:const|let|class|function|import) +([^=;\n]*)/g)].flatMap(
      ({ 1: text = '' }) => text.match(/\w+/g) ?? [],
    ),
  )
  const used = [...new Set(code.match(/\b[A-Za-z_]\w*/g))].filter(
    (name) => names.has(name) && !own.has(name),
  )
  const imports = used.map(
    (name) => `import { ${name} } from '${join('onecopy', names.get(name)!)}'\n`,
  )
  return `${imports.join('')}import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nvoid assert, test\n${code}\nexport {}\n`
}

test('every example of a docstring compiles', async () => {
  const examples = findExamples()
  assert.ok(examples.length > 40, String(examples.length))
  const names = new Map<string, string>()
  for (const door of doors) for (const name of namesOf(door)) names.set(name, door)
  const folder = mkdtempSync(join(root, 'test/.docstrings-'))
  try {
    for (const [i, example] of examples.entries())
      writeFileSync(join(folder, `example-${i}.ts`), asModule(example, names))
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: {
        noUnusedLocals: false,
        noUnusedParameters: false,
        verbatimModuleSyntax: false,
      },
      include: ['*.ts'],
      exclude: [],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/.bin/tsc')
    const { stdout: output } = await promisify(execFile)(tsc, [
      '-p',
      folder,
      '--pretty',
      'false',
    ]).catch((error: { stdout: string }) => {
      if (error.stdout === '') throw error // it did not compile anything
      return error
    })
    const faults = output.split('\n').flatMap((line) => {
      const match = /example-(\d+)\.ts\(\d+,\d+\): error (TS\d+): (.*)$/.exec(line)
      if (match === null) return line.includes('error') ? [line] : []
      if (undeclared.includes(match[2]!)) return []
      if (match[3]!.startsWith("Cannot find module './")) return []
      return [`${examples[Number(match[1])]!.place} ${match[2]} ${match[3]}`]
    })
    assert.deepEqual(faults, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
