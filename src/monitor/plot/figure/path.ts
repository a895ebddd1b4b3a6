/** Writes a path of thousands of points in few bytes. */

/** How many units of a path are one pixel; a group around it scales them back. */
export const unitsPerPixel = 10

type Point = readonly [x: number, y: number]

/**
 * Turns the path of a line as d3-shape writes it (`M1,2L3,4`, a new `M` after each gap) into the
 * areas under it, with relative steps in tenths of a pixel: a quarter of the bytes.
 *
 * @param line - absolute coordinates in pixels
 * @param baseline - y of the lower edge, in pixels
 */
export function areaPath(line: string, baseline: number): string {
  const base = Math.round(baseline * unitsPerPixel)
  return subpaths(line)
    .map((points) => {
      const start = points[0]!
      return `M${start[0]} ${base}V${start[1]}${steps(points)}V${base}z`
    })
    .join('')
}

/** The same for a line without an area. */
export function linePath(line: string): string {
  return subpaths(line)
    .map((points) => `M${points[0]!.join(' ')}${steps(points)}`)
    .join('')
}

function subpaths(line: string): Point[][] {
  return line
    .split('M')
    .filter((part) => part !== '')
    .map((part) => withoutFlats(part.replace('Z', '').split('L').map(toPoint)))
}

function toPoint(pair: string): Point {
  const [x, y] = pair.split(',').map((value) => Math.round(Number(value) * unitsPerPixel))
  return [x!, y!]
}

/** Leaves out the points that a straight run goes through; a lone point becomes one pixel wide. */
function withoutFlats(points: readonly Point[]): Point[] {
  const [first] = points
  if (points.length === 1) {
    const half = unitsPerPixel / 2
    return [
      [first![0] - half, first![1]],
      [first![0] + half, first![1]],
    ]
  }
  return points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    return !(before && after && before[1] === point[1] && after[1] === point[1])
  })
}

/** `l5-3 6 2`: numbers are parted by a space or by their sign. */
function steps(points: readonly Point[]): string {
  let path = ''
  for (let i = 1; i < points.length; i++) {
    const [dx, dy] = [points[i]![0] - points[i - 1]![0], points[i]![1] - points[i - 1]![1]]
    path += `${dx < 0 || i === 1 ? '' : ' '}${dx}${dy < 0 ? '' : ' '}${dy}`
  }
  return path === '' ? '' : `l${path}`
}
