/** Writes the files of a run, all of them or none. */

import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { followLinks, kindOf, syncFolder } from '../../pending-file.ts'
import { reasonOf, UsageError } from '../output/failure.ts'
import { whileLocked } from './lock-folder.ts'
import { whileUnfinished } from '../output/signals.ts'

/** The file that says what a run was, and that a folder of ours is known by. */
const reportName = 'report.json'

/** Writes one file of a run to the path that it is given. */
export type FileWriter = (path: string) => Promise<void>

/**
 * A folder for the files of a run. They are written under another name first and take their
 * places in one go, so a folder without a finished `report.json` is all that a crash can leave.
 */
export class OutFolder {
  /** As the user gave it. */
  readonly path: string
  /** Where it is, or will be: a link stays. */
  readonly #target: string
  readonly #program: string
  readonly #names: readonly string[]

  /**
   * Checks that the files can be written: the folder is new, or none of its files has to go that
   * an earlier run has not written.
   *
   * @param program - what `report.json` names as its maker, such as `onecopy fit`
   * @param names - the files that a run may have beside `report.json`
   * @throws UsageError
   */
  constructor(path: string, program: string, names: readonly string[]) {
    if (path === '')
      throw new UsageError('Expected --out to be the path of a folder, got an empty text.')
    this.path = path
    this.#target = realTarget(path)
    this.#program = program
    this.#names = names
    this.#requireOurs()
    // Trying is the only sure way to know, and now is better than after the work.
    rmdirSync(this.#makeTemporaryFolder())
  }

  /** Whether the folder is there, with or without files of a run. */
  get exists(): boolean {
    return existsSync(this.#target)
  }

  /**
   * Writes all files. A failure or a signal takes away what was written so far, and what an
   * earlier run wrote stays.
   *
   * @param report - becomes `report.json`, where `replaced` is added
   * @param files - who writes the others, by name
   * @returns whether they have replaced the results of another run
   * @throws OneCopyError `ERR_FILE` when the system refuses
   */
  async write(report: object, files: Readonly<Record<string, FileWriter>>): Promise<boolean> {
    let replaced = false
    const temporary = this.#makeTemporaryFolder()
    const remove = (): void => rmSync(temporary, { recursive: true, force: true })
    try {
      await whileUnfinished(remove, async () => {
        for (const [name, write] of Object.entries(files)) await write(join(temporary, name))
        this.#writeReport(join(temporary, reportName), { ...report, replaced })
        syncFolder(temporary)
        if (!this.#appearAs(temporary))
          replaced = await this.#putInto(temporary, report, Object.keys(files))
      })
      return replaced
    } catch (error) {
      throw this.#asRefusal(error) ?? error
    }
  }

  /** A full disk, told without the temporary file that met it. */
  #asRefusal(error: unknown): OneCopyError | undefined {
    const cause = isOneCopyError(error) ? error.cause : error
    if (!(cause instanceof Error && 'syscall' in cause)) return undefined
    const { path } = this
    const text = `Could not write the folder '${path}': ${reasonOf(cause)}.`
    return new OneCopyError('ERR_FILE', text, { cause: error, details: { path } })
  }

  /** Gives the new folder its name; false when there is one by now, perhaps by another process. */
  #appearAs(temporary: string): boolean {
    if (existsSync(this.#target)) return false
    try {
      renameSync(temporary, this.#target)
    } catch (error) {
      if (existsSync(this.#target)) return false
      throw error
    }
    syncFolder(dirname(this.#target))
    return true
  }

  /**
   * An existing folder may hold other things, or be a mount, so the files move one by one; no two
   * processes do that at once, or the files of one could stand beside the report of the other.
   *
   * @returns whether the folder had results, perhaps of a run that has ended meanwhile
   */
  async #putInto(temporary: string, report: object, names: readonly string[]): Promise<boolean> {
    const unfinished = join(temporary, 'unfinished')
    this.#writeReport(unfinished, { finished: false })
    let replaced = false
    await whileLocked(this.#target, () => {
      this.#requireOurs()
      replaced = existsSync(join(this.#target, reportName))
      this.#writeReport(join(temporary, reportName), { ...report, replaced })
      this.#replace(unfinished, reportName)
      syncFolder(this.#target)
      for (const name of names) this.#replace(join(temporary, name), name)
      // A file of the earlier run would be read as one of this run.
      for (const name of this.#names)
        if (!names.includes(name)) rmSync(join(this.#target, name), { force: true })
      syncFolder(this.#target)
      this.#replace(join(temporary, reportName), reportName)
      rmdirSync(temporary)
      syncFolder(this.#target)
    })
    return replaced
  }

  /** The permissions of a file that is replaced stay. */
  #replace(file: string, name: string): void {
    const path = join(this.#target, name)
    const before = statSync(path, { throwIfNoEntry: false })
    if (before !== undefined) chmodSync(file, before.mode & 0o7777)
    renameSync(file, path)
  }

  #writeReport(path: string, report: object): void {
    const text = JSON.stringify({ program: this.#program, finished: true, ...report }, undefined, 2)
    writeFileSync(path, `${text}\n`, { flush: true })
  }

  #requireOurs(): void {
    const found = statSync(this.#target, { throwIfNoEntry: false })
    if (!found) return
    if (!found.isDirectory()) {
      throw new UsageError(`Expected --out to be a folder, but '${this.path}' is ${kindOf(found)}.`)
    }
    const names = [...this.#names, reportName]
    for (const name of names) this.#requireRegular(name)
    const taken = names.find((name) => existsSync(join(this.#target, name)))
    if (taken === undefined || this.#isOurReport(join(this.#target, reportName))) return
    throw new UsageError(
      `The folder '${this.path}' has a file '${taken}' that ${this.#program} did not write. ` +
        'Choose another folder with --out.',
    )
  }

  /** Anything but a regular file would be lost: a rename puts ours in its place. */
  #requireRegular(name: string): void {
    const found = lstatSync(join(this.#target, name), { throwIfNoEntry: false })
    if (found === undefined || found.isFile()) return
    const kind = found.isSymbolicLink() ? 'a symbolic link' : kindOf(found)
    throw new UsageError(
      `Expected '${join(this.path, name)}' to be a file or nothing, but it is ${kind}. Choose another folder with --out.`,
    )
  }

  #isOurReport(path: string): boolean {
    try {
      const report: unknown = JSON.parse(readFileSync(path, 'utf8'))
      return typeof report === 'object' && report !== null && 'program' in report
        ? report.program === this.#program
        : false
    } catch {
      return false
    }
  }

  /** In the folder or, as long as there is none, beside it: where renaming is one step. */
  #makeTemporaryFolder(): string {
    const folder = this.#target
    const place = existsSync(folder) ? folder : dirname(folder)
    const temporary = join(place, `.${basename(folder)}-${randomUUID().slice(0, 8)}`)
    try {
      mkdirSync(temporary)
      return temporary
    } catch (cause) {
      throw new UsageError(`Can't write to the folder '${place}': ${reasonOf(cause)}.`, { cause })
    }
  }
}

/** Absolute, behind all links. */
function realTarget(path: string): string {
  try {
    return followLinks(resolve(path), () => {})
  } catch (cause) {
    throw new UsageError(`Can't use '${path}' as --out: ${reasonOf(cause)}.`, { cause })
  }
}
