/** Saves and reads reports in the format of their extension. */

import { extname } from 'node:path'
import { OneCopyError, show } from '../../errors.ts'
import { PendingFile, writeWhole } from '../../pending-file.ts'
import { parseMprof, toMprof } from './mprof.ts'
import { drawOverlay } from '../plot/figure/overlay.ts'
import type { NamedRun } from '../plot/figure/overlay.ts'
import { drawOverlayPage } from '../plot/page/overlay-page.ts'
import { drawPage } from '../plot/page/report-page.ts'
import { drawPicture } from '../plot/figure/picture.ts'
import type { PictureOptions } from '../plot/figure/picture.ts'
import { renderPng } from '../plot/figure/png.ts'
import { toCsv } from './report-csv.ts'
import { parseReportJson, toReportJson } from './report-json.ts'
import { readText } from './read-text.ts'
import type { RunData } from '../record/run-data.ts'

type Content = string | Uint8Array | Promise<Uint8Array>

/** The format of each file extension. */
const writers: Readonly<Record<string, (data: RunData, options: PictureOptions) => Content>> = {
  '.json': toReportJson,
  '.csv': toCsv,
  '.dat': toMprof,
  '.svg': (data, options) => drawPicture(data, options).svg,
  '.png': (data, options) => renderPng(drawPicture(data, forPng(options)).svg),
  '.html': drawPage,
}

const overlays: Readonly<
  Record<string, (runs: readonly NamedRun[], options: PictureOptions) => Content>
> = {
  '.svg': drawOverlay,
  '.png': (runs, options) => renderPng(drawOverlay(runs, forPng(options))),
  '.html': drawOverlayPage,
}

/**
 * Saves a run in the format that the ending of the path names.
 *
 * @throws TypeError when the path is no text
 * @throws OneCopyError `ERR_OPTION` for another ending, `ERR_FILE` when the file can't be written
 */
export async function saveRun(
  data: RunData,
  path: string,
  options: PictureOptions = {},
): Promise<void> {
  const write = chooseByEnding(path, writers)
  await saveContent(path, await write(data, options))
}

/**
 * Saves a picture of several runs over each other.
 *
 * @throws OneCopyError `ERR_OPTION` when the ending is none of a picture's, `ERR_FILE` when the
 *   file can't be written
 */
export async function saveOverlay(
  runs: readonly NamedRun[],
  path: string,
  options: PictureOptions = {},
): Promise<void> {
  const write = chooseByEnding(path, overlays)
  await saveContent(path, await write(runs, options))
}

/**
 * Reads a `.json` file of {@link saveRun}, or a `.dat` file of that or of mprof.
 *
 * @throws OneCopyError `ERR_OPTION` for another ending, `ERR_FILE` when it can't be read,
 *   `ERR_FORMAT` when its content is damaged
 */
export async function readRun(path: string): Promise<RunData> {
  const parse = chooseByEnding(path, { '.json': parseReportJson, '.dat': parseMprof })
  return parse(await readText(path), path)
}

/** A PNG can't ask its reader for a theme. */
function forPng(options: PictureOptions): PictureOptions {
  return { ...options, theme: options.theme === 'dark' ? 'dark' : 'light' }
}

function chooseByEnding<T>(path: string, choices: Readonly<Record<string, T>>): T {
  if (typeof path !== 'string') {
    throw new TypeError(`Expected \`path\` to be the path of a file, got ${show(path)}.`)
  }
  const ending = extname(path).toLowerCase()
  if (Object.hasOwn(choices, ending)) return choices[ending]!
  const known = Object.keys(choices).join(', ')
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a path that ends in one of ${known}, got ${show(path)}. The extension says which format the file has.`,
    { details: { path } },
  )
}

async function saveContent(path: string, content: string | Uint8Array): Promise<void> {
  await writeWhole(new PendingFile(path), (file) => file.write(Buffer.from(content)))
}
