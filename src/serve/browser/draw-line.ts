/** Draws a small line of values over time. */

const namespace = 'http://www.w3.org/2000/svg'
const width = 240
const height = 44

/** Values to draw, oldest first; `undefined` is a gap. */
export type LineValues = readonly (number | undefined)[]

/**
 * Draws lines one over the other in one scale from 0.
 *
 * @param lines - with the name of their colour
 * @param places - how many values the width holds
 */
export function drawLines(
  svg: SVGElement,
  lines: readonly { readonly values: LineValues; readonly ink: string }[],
  places: number,
): void {
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  const highest = Math.max(
    1e-9,
    ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)),
  )
  const paths = lines.map(({ values, ink }) => {
    const path = document.createElementNS(namespace, 'path')
    path.setAttribute('d', pathOf(values, highest, places))
    path.setAttribute('stroke', `var(--${ink})`)
    return path
  })
  svg.replaceChildren(...paths)
}

function pathOf(values: LineValues, highest: number, places: number): string {
  let text = ''
  let isOpen = false
  for (const [i, value] of values.entries()) {
    if (value === undefined) {
      isOpen = false
      continue
    }
    const x = (width * (places - values.length + i)) / Math.max(1, places - 1)
    const y = height - 2 - ((height - 4) * value) / highest
    text += `${isOpen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    isOpen = true
  }
  return text
}
