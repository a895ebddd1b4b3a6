/** Draws an ensemble as a graph of its layers. */

import { cutText, element, join, type Markup, svgPicture, text } from '../pictures/internal.ts'

/** A box of the graph. */
export interface StackNode {
  readonly name: string
  /** Lines below the name, such as score and times. */
  readonly lines: readonly string[]
  /** How much the combiner takes of it, as it is drawn: from -1 to 1; undefined where it says nothing. */
  readonly share?: number | undefined
  /** The same as text, which stands in the box. */
  readonly weight?: string | undefined
}

/** An ensemble. */
export interface StackGraph {
  readonly input: StackNode
  /** Learners of each layer, top to bottom. */
  readonly layers: readonly (readonly StackNode[])[]
  /** Undefined: nothing combines them. */
  readonly combiner: StackNode | undefined
  /** What screen readers say. */
  readonly label: string
}

const [boxWidth, gap, lineHeight, space, margin] = [176, 66, 15, 10, 8]

/** Layers stand side by side, the input above the first one; lines to the combiner are as thick as its weights. */
export function drawStack({ input, layers, combiner, label }: StackGraph): Markup {
  const heights = layers.map((nodes) => nodes.map(heightOf))
  const inputHeight = heightOf(input)
  const start = margin + inputHeight + 26
  const columns = layers.length + (combiner === undefined ? 0 : 1)
  const combinerWidth = combiner === undefined ? 0 : 128
  const width =
    2 * margin +
    layers.length * boxWidth +
    (columns - 1) * gap +
    combinerWidth +
    // The bus of the input runs left of the first layer.
    busWidth
  const total = (list: readonly number[]): number =>
    list.reduce((sum, one) => sum + one + space, -space)
  const height = start + Math.max(...heights.map(total)) + margin
  const left = (layer: number): number => margin + busWidth + layer * (boxWidth + gap)
  const placed = layers.map((nodes, layer) => {
    let y = start + (height - margin - start - total(heights[layer]!)) / 2
    return nodes.map((node, i) => {
      const box = { x: left(layer), y, width: boxWidth, height: heights[layer]![i]! }
      y += box.height + space
      return { node, box }
    })
  })
  const middleOf = ({ box }: Placed): number => box.y + box.height / 2
  const combined =
    combiner === undefined
      ? undefined
      : {
          node: combiner,
          box: {
            x: left(layers.length),
            y: (start + height - margin - heightOf(combiner)) / 2,
            width: combinerWidth,
            height: heightOf(combiner),
          },
        }
  const links = placed
    .slice(0, -1)
    .flatMap((nodes, layer) =>
      nodes.flatMap((from) =>
        placed[layer + 1]!.map((to) =>
          drawLink(
            { x: from.box.x + boxWidth, y: middleOf(from) },
            { x: to.box.x, y: middleOf(to) },
          ),
        ),
      ),
    )
  const last = placed.at(-1)!
  const taps = placed[0]!.map((to) => middleOf(to))
  const busX = margin + busWidth / 2
  return svgPicture(
    { width, height, label, theme: 'auto', definitions: join() },
    element('path', {
      class: 'line s-muted',
      d: [
        `M${busX} ${margin + inputHeight}V${Math.max(...taps)}`,
        ...taps.map((y) => `M${busX} ${y}H${left(0)}`),
      ].join(''),
    }),
    ...links,
    ...(combined === undefined
      ? []
      : last.map((from) =>
          drawWeight(
            from.node,
            { x: from.box.x + boxWidth, y: middleOf(from) },
            { x: combined.box.x, y: middleOf(combined) },
          ),
        )),
    drawBox({ node: input, box: { x: margin, y: margin, width: 240, height: inputHeight } }, 'p2'),
    ...placed.flat().map((one) => drawBox(one, 'shared')),
    ...(combined === undefined ? [] : [drawBox(combined, 'p4')]),
  )
}

const busWidth = 22

interface Placed {
  readonly node: StackNode
  readonly box: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  }
}

function heightOf({ lines }: StackNode): number {
  return 14 + lineHeight * (lines.length + 1)
}

function drawBox({ node, box }: Placed, ink: string): Markup {
  const { name, lines, weight } = node
  const room = box.width - 20
  return element(
    'g',
    {},
    element('title', {}, text([name, ...lines].join(', '))),
    element('rect', { class: `bg s-${ink}`, 'stroke-width': 1.5, rx: 6, ...box }),
    element(
      'text',
      { x: box.x + 10, y: box.y + 20, 'font-weight': 600 },
      text(cutText(name, 12.8, room)),
    ),
    ...lines.map((line, i) =>
      element(
        'text',
        { class: 'muted small', x: box.x + 10, y: box.y + 20 + (i + 1) * lineHeight },
        text(cutText(line, 11, i === 0 && weight !== undefined ? room - 60 : room)),
      ),
    ),
    weight === undefined
      ? join()
      : element(
          'text',
          {
            class: 'end small',
            'font-weight': 600,
            x: box.x + box.width - 8,
            y: box.y + 20 + lineHeight,
          },
          text(weight),
        ),
  )
}

interface Point {
  readonly x: number
  readonly y: number
}

function curve(from: Point, to: Point): string {
  const bend = (to.x - from.x) / 2
  return `M${from.x} ${from.y.toFixed(1)}C${from.x + bend} ${from.y.toFixed(1)} ${to.x - bend} ${to.y.toFixed(1)} ${to.x} ${to.y.toFixed(1)}`
}

function drawLink(from: Point, to: Point): Markup {
  return element('path', { class: 'line s-muted', 'stroke-opacity': '.5', d: curve(from, to) })
}

/** A line as thick as the weight, dashed where it is negative. */
function drawWeight({ share }: StackNode, from: Point, to: Point): Markup {
  const isNegative = share !== undefined && share < 0
  return element('path', {
    class: `line ${isNegative ? 's-p0' : 's-shared'}`,
    'stroke-width': share === undefined ? 1 : Math.max(0.6, 7 * Math.abs(share)),
    'stroke-opacity': '.75',
    'stroke-dasharray': isNegative ? '6 3' : undefined,
    d: curve(from, to),
  })
}
