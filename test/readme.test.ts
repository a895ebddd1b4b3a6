/** Runs the programs of the README, compiles those of docs/ too, and checks what both say. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { folder, pages, readDocument, root, testPrograms } from './documents.ts'

const readme = readDocument('README.md')
const documents = [readme, ...pages.map(readDocument)]

test('the README has its programs', () => {
  assert.ok(readme.programs.length >= 3, `found ${readme.programs.length}`)
})

testPrograms(readme)

for (const { name, text } of documents) {
  test(`${name} shows what its programs import`, () => {
    // GitHub, npm and the site don't show comments.
    for (const [comment] of text.matchAll(/<!--[\s\S]*?-->/g))
      assert.doesNotMatch(comment, /\bimport\b/)
  })
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
      assert.ok(
        ['ci', 'init', 'install', ...Object.keys(scripts)].includes(script!),
        `npm run ${script}`,
      )
    for (const [file] of text.matchAll(/\b(?:bench|examples|test)\/[\w/*-]+(?:\.\w+)*\.ts\b/g))
      assert.notEqual(globSync(file, { cwd: root }).length, 0, `${name}: ${file} is missing`)
  }
})
