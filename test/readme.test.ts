/** Runs every program of the README and checks what it says it prints. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '..')
mkdirSync(join(root, 'build'), { recursive: true })
// Inside the package, so that `import 'onecopy'` finds the package itself.
const folder = mkdtempSync(join(root, 'build', 'readme-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/```ts\n(?:\/\/ (\S+\.ts)\n)?([\s\S]*?)```/g)].map(
  ([, name, text], number) => ({ name: name ?? `program-${number + 1}.ts`, text: text! }),
)
for (const { name, text } of programs) writeFileSync(join(folder, name), text)

test('the README has three programs', () => {
  assert.ok(programs.length >= 3, `found ${programs.length}`)
})

for (const { name, text } of programs) {
  test(`the README's ${name} runs and prints what its comments promise`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [name], { cwd: folder })
    const printed = stdout.trimEnd().split('\n')
    const promised = [...text.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map((m) => m[1]!)
    for (const line of promised) assert.ok(printed.includes(line), `${line}\nnot in\n${stdout}`)
  })
}

test('every command that the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const [, script] of readme.matchAll(/`npm (?:run )?([\w:]+)`/g))
    assert.ok(['ci', 'install', ...Object.keys(scripts)].includes(script!), `npm run ${script}`)
  for (const [, file] of readme.matchAll(/`node ((?:bench|examples)\/[\w-]+\.ts)/g))
    assert.doesNotThrow(() => readFileSync(join(root, file!)), `${file} is missing`)
})
