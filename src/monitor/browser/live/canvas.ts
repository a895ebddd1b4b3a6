/** Colours, fonts and texts on a canvas. */

/** The colour with a name, as the page has it now: light or dark. */
export function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The page's font. */
export function font(size: number): string {
  return `${size}px ${getComputedStyle(document.body).fontFamily}`
}

/** Thin diagonal lines: memory that the kernel can drop. */
export function hatching(context: CanvasRenderingContext2D): CanvasPattern {
  const tile = document.createElement('canvas')
  tile.width = tile.height = Math.max(3, Math.round(6 * devicePixelRatio))
  const pen = tile.getContext('2d')!
  pen.strokeStyle = ink('muted')
  pen.globalAlpha = 0.55
  pen.lineWidth = devicePixelRatio * 0.8
  pen.beginPath()
  for (const shift of [-1, 0, 1]) {
    pen.moveTo(shift * tile.width, tile.height)
    pen.lineTo((shift + 1) * tile.width, 0)
  }
  pen.stroke()
  return context.createPattern(tile, 'repeat')!
}

/** Text with an edge in the page's colour, so that it can be read over anything. */
export function fillTextWithHalo(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
): void {
  context.save()
  context.lineJoin = 'round'
  context.lineWidth = 3.5 * devicePixelRatio
  context.strokeStyle = ink('bg')
  context.setLineDash([])
  context.strokeText(text, x, y)
  context.fillText(text, x, y)
  context.restore()
}

/** As much of a text as fits into a width and still says something; may be empty. */
export function cutToWidth(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  const characters = Array.from(text)
  for (let length = characters.length - 1; length >= 3; length--) {
    const cut = `${characters.slice(0, length).join('').trimEnd()}\u2026`
    if (context.measureText(cut).width <= width) return cut
  }
  return ''
}
