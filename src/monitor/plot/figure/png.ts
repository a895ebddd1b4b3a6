/** Renders a picture as PNG, with an embedded font. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { OneCopyError } from '../../../errors.ts'
import { importPeer } from '../../../optional-peer.ts'
import { fontBase64 } from './font.ts'

/**
 * Renders SVG. The text comes out the same on every machine, also on one without fonts; only
 * letters that the font of this project lacks are looked for in the fonts of the system.
 *
 * @param svg - a picture with an explicit theme
 * @param scale - pixels of the PNG for each pixel of the picture
 * @throws OneCopyError `ERR_DEPENDENCY` when the package `@resvg/resvg-js` is not installed,
 *   `ERR_FILE` when the temporary folder has no room for the font
 */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  const { Resvg } = (await importPeer('@resvg/resvg-js', {
    install: '@resvg/resvg-js@2.6.2',
    purpose: 'Drawing PNG',
    otherwise: 'save the picture as .svg or .html',
  })) as typeof import('@resvg/resvg-js')
  // The renderer takes fonts by file name only.
  const { folder, file } = placeFont()
  try {
    const picture = new Resvg(svg, {
      font: {
        loadSystemFonts: !hasOnlyOwnLetters(svg),
        fontFiles: [file],
        defaultFontFamily: 'DejaVu Sans',
        sansSerifFamily: 'DejaVu Sans',
      },
      fitTo: { mode: 'zoom', value: scale },
    })
    return picture.render().asPng()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Puts the font into a folder of its own, which the caller removes. */
function placeFont(): { readonly folder: string; readonly file: string } {
  const place = tmpdir()
  let folder: string | undefined
  try {
    folder = mkdtempSync(join(place, 'onecopy-font-'))
    const file = join(folder, 'dejavu-sans.ttf')
    writeFileSync(file, gunzipSync(Buffer.from(fontBase64, 'base64')))
    return { folder, file }
  } catch (cause) {
    if (folder !== undefined) rmSync(folder, { recursive: true })
    throw new OneCopyError(
      'ERR_FILE',
      `Could not write the font of the picture into the temporary folder ${place}: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Free some space there, set the environment variable TMPDIR to another folder, or save the picture as .svg or .html.',
      { cause, details: { path: place } },
    )
  }
}

/** Whether the bundled font has all letters: ASCII, Latin with accents, and some signs. */
function hasOnlyOwnLetters(svg: string): boolean {
  return /^[\n\u0020-\u017f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2190-\u2193\u2212\u2248\u2264\u2265\ufffd]*$/.test(
    svg,
  )
}
