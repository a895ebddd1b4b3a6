/** Draws the memory of a run for pages of other modules. */

import type { PictureOptions } from '../plot/figure/picture.ts'
import type { RunData } from '../record/run-data.ts'

/** An SVG picture of a run; what draws is loaded on use. */
export async function drawRun(data: RunData, options: PictureOptions): Promise<string> {
  const { drawPicture } = await import('../plot/figure/picture.ts')
  return drawPicture(data, options).svg.trimEnd()
}
