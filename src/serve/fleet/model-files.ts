/** Model files that are served: their names, and when they change. */

import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { OneCopyError } from '../../errors.ts'

/** A model file and the name that its model has in addresses. */
export interface ModelFile {
  readonly name: string
  readonly path: string
}

/**
 * Reads what was said on the command line: `model.onecopy`, or `name=path`.
 *
 * @throws OneCopyError `ERR_OPTION` for a name that stands twice
 */
export function parseModelFiles(words: readonly string[]): ModelFile[] {
  const files = words.map((word) => {
    const [, name, path] = /^([\w.-]+)=(.+)$/s.exec(word) ?? []
    if (name !== undefined && path !== undefined) return { name, path }
    const own = basename(word).replace(/\.[^.]+$/, '')
    return { name: own.replaceAll(/[^\w.-]/g, '-'), path: word }
  })
  const names = files.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return files
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a name of its own for each model, got '${twice}' twice. Write NAME=PATH.`,
    { details: { name: twice } },
  )
}

/** Notices that files have been replaced or written to. */
export class FileWatcher {
  readonly #files: readonly ModelFile[]
  readonly #known: Map<string, string>
  readonly #timer: NodeJS.Timeout

  /**
   * Looks at the files again and again, since notices of the system don't reach every file system.
   *
   * @param known - of the files as they were opened
   * @param onChange - called when a file is another one, and has not changed between two looks
   */
  constructor(
    files: readonly ModelFile[],
    known: ReadonlyMap<string, string>,
    onChange: (file: ModelFile) => void,
    periodMs = 250,
  ) {
    this.#files = files
    this.#known = new Map(known)
    const pending = new Map<string, string>()
    const look = (): void => {
      for (const file of this.#files) {
        const now = identityOf(file.path)
        if (now === '' || now === this.#known.get(file.path)) continue
        // Half a file that is being copied has not come to rest.
        if (pending.get(file.path) !== now) {
          pending.set(file.path, now)
          continue
        }
        pending.delete(file.path)
        this.#known.set(file.path, now)
        onChange(file)
      }
    }
    this.#timer = setInterval(look, periodMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/** What tells files from others that come to their paths. */
export function identitiesOf(files: readonly ModelFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ path }) => [path, identityOf(path)]))
}

/** What tells a file from the one before at its path; empty when there is none, or none that may be looked at. */
function identityOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${dev} ${ino} ${size} ${mtimeNs}`
  } catch {
    return ''
  }
}
