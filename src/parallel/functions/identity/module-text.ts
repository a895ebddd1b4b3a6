/** Says which version of a module a program has. */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { pathToFileURL } from 'node:url'
import { packageFile } from '../../../package-file.ts'

/** `name@version` of the package of a file in `node_modules`, or of this one; undefined for files of the program itself. */
export function packageOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined
  const at = url.lastIndexOf(folderName)
  if (at < 0) return url.startsWith(ownFolder()) ? versionOf(ownFolder()) : undefined
  const [scope = '', name = ''] = url.slice(at + folderName.length).split('/')
  const folder =
    url.slice(0, at + folderName.length) + (scope.startsWith('@') ? `${scope}/${name}` : scope)
  return versionOf(`${folder}/`)
}

/**
 * The text of a module of the program, and of all others of the program that it imports by relative names, or which version of a
 * package it is. It is what counts where nobody can say which part of a module a function uses.
 *
 * @param specifier - as in an import
 * @param from - URL of the importing module
 */
export function moduleText(specifier: string, from: string): string {
  if (isBuiltin(specifier)) return `node:${specifier.replace(/^node:/, '')}`
  const url = resolveFrom(specifier, from)
  return url === undefined
    ? `missing ${specifier}`
    : [...textsOf(url, new Map()).values()].join('\n')
}

const folderName = '/node_modules/'
const versions = new Map<string, string | undefined>()
let own: string | undefined

/** Where this library's own code lies, when it runs from its sources or its build. */
function ownFolder(): string {
  return (own ??= new URL(
    import.meta.url.endsWith('.ts') ? 'src/' : 'dist/',
    packageFile('package.json'),
  ).href)
}

function versionOf(folder: string): string | undefined {
  if (!versions.has(folder)) versions.set(folder, readVersion(folder))
  return versions.get(folder)
}

function readVersion(folder: string): string | undefined {
  try {
    const file =
      folder === ownFolder() ? packageFile('package.json') : new URL('package.json', folder)
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    return `${String(name)}@${String(version)}`
  } catch {
    return undefined
  }
}

function textsOf(url: string, seen: Map<string, string>): Map<string, string> {
  if (seen.has(url)) return seen
  const version = packageOf(url)
  if (version !== undefined) return seen.set(url, version)
  let text = ''
  try {
    text = readFileSync(new URL(url), 'utf8')
  } catch {
    return seen.set(url, 'unreadable')
  }
  seen.set(url, text)
  for (const [, first, second] of text.matchAll(relativeImport)) {
    const next = resolveFrom((first ?? second)!, url)
    if (next !== undefined) textsOf(next, seen)
  }
  return seen
}

const relativeImport =
  /\bfrom\s*['"](\.{1,2}\/[^'"]+)['"]|\b(?:import|require)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g

/** As Node resolves: relative names as they are written, others from the folders of packages. */
function resolveFrom(specifier: string, from: string): string | undefined {
  try {
    if (/^\.{0,2}\//.test(specifier)) {
      const url = new URL(specifier, from)
      if (existsSync(url)) return url.href
    }
    if (specifier.startsWith('file:')) return specifier
    return pathToFileURL(createRequire(from).resolve(specifier)).href
  } catch {
    return undefined
  }
}
