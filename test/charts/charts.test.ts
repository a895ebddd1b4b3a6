/** Charts: what is in them, also of odd values and names. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  drawBars,
  drawCurves,
  drawMatrix,
  drawPoints,
  drawScores,
  drawStack,
} from '../../src/charts/internal.ts'

const count = (svg: string, tag: string): number => svg.split(`<${tag} `).length - 1

/** Every coordinate is a number, and lies in the picture or near it. */
function requireSound(svg: string): void {
  assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/)
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.map(Number)
  for (const [, name, value] of svg.matchAll(/ (c?[xy][12]?)="(-?[\d.]+)"/g)) {
    const most = name!.includes('x') ? width! : height!
    assert.ok(Number(value) >= -1 && Number(value) <= most + 1, `${name}=${value} of ${most}`)
  }
}

const line = (name: string, score: number, folds: readonly number[], isBest = false) => ({
  name,
  score,
  spread: 0.1,
  folds,
  shown: String(score),
  isEnsemble: name === 'ensemble',
  isBest,
})

describe('scores', () => {
  test('a dot for each fold and for the mean', () => {
    const svg = drawScores([line('a', 1, [0.9, 1.1], true), line('b', 1.2, [1.1, 1.3])], 'RMSE')
    requireSound(svg)
    assert.equal(count(svg, 'circle'), 6)
  })

  test('learners far off are arrows, and the others stay apart', () => {
    const near = [
      line('a', 1, [0.9, 1.1], true),
      line('b', 1.2, [1.1, 1.3]),
      line('c', 1.3, [1.2, 1.4]),
    ]
    const far = [line('far', 1000, [900, 1100]), line('farther', 1800, [1700, 1900])]
    const svg = drawScores([...near, ...far], 'RMSE')
    requireSound(svg)
    assert.equal(count(svg, 'circle'), 9)
    const places = [...svg.matchAll(/class="shared s-bg"[^>]* cx="([\d.]+)"/g)].map(([, x]) =>
      Number(x),
    )
    assert.ok(places[2]! - places[0]! > 40, String(places))
  })

  test('scores that are all alike, and one fold', () => {
    requireSound(drawScores([line('a', 0, [0], true), line('b', 0, [0])], 'MAE'))
    requireSound(drawScores([line('a'.repeat(300), 5, [5], true)], 'MAE'))
  })
})

test('bars of both signs start at 0', () => {
  const rows = [3, -2, 0].map((value) => ({
    name: `n${value}`,
    value,
    deviation: 0.5,
    shown: String(value),
  }))
  const svg = drawBars(rows, 'loss')
  requireSound(svg)
  const rects = [
    ...svg.matchAll(/<rect class="shared" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g),
  ].map(([, x, width]) => [Number(x), Number(width)] as const)
  const zero = rects[0]![0]
  assert.ok(Math.abs(rects[1]![0] + rects[1]![1] - zero) < 0.2)
  assert.equal(rects[2]![1], 0)
  requireSound(drawBars([{ name: 'a', value: 0, deviation: 0, shown: '0' }], 'loss'))
})

describe('a matrix', () => {
  const draw = (rows: readonly string[]) =>
    drawMatrix({
      rows,
      columns: rows,
      label: 'matrix',
      cell: (i, j) => ({ shown: String(i * j), shade: i === j ? 1 : -0.5, words: `${i} and ${j}` }),
    })

  test('has a cell for each pair, with words', () => {
    const svg = draw(['a', 'b', 'c'])
    requireSound(svg)
    assert.equal(svg.match(/<title>\d and \d<\/title>/g)!.length, 9)
  })

  test('of many or long names still fits', () => {
    requireSound(draw(Array.from({ length: 24 }, (_, i) => String(i))))
    requireSound(draw(['x'.repeat(80), 'a very long name of a class', 'b']))
  })
})

describe('points', () => {
  test('few are drawn one by one, and those outside are counted', () => {
    const x = [1, 2, 3, 4]
    const { svg, outside } = drawPoints({
      x,
      y: [1, 2, 3, 400],
      xLabel: 'x',
      yLabel: 'y',
      label: 'l',
    })
    requireSound(svg)
    assert.equal(count(svg, 'circle'), 3)
    assert.equal(outside, 1)
  })

  test('many are a density, whose size does not grow with them', () => {
    const draw = (n: number) => {
      const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i))
      const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i) + 0.05 * Math.cos(i * i))
      return drawPoints({ x, y, xLabel: 'x', yLabel: 'y', label: 'l' }).svg
    }
    const large = draw(300_000)
    requireSound(large)
    assert.equal(count(large, 'circle'), 0)
    assert.ok(large.length < 60_000)
  })

  test('values that are all alike', () => {
    requireSound(drawPoints({ x: [7, 7], y: [7, 7], xLabel: 'x', yLabel: 'y', label: 'l' }).svg)
  })
})

test('curves have a key when there are several', () => {
  const series = (name: string) => ({ name, x: [0, 0.5, 1], y: [0, 1, 0.2], weights: [1, 2, 100] })
  const labels = { xLabel: 'x', yLabel: 'y', label: 'l' }
  const one = drawCurves([series('only')], labels)
  requireSound(one)
  assert.ok(!one.includes('only'))
  const three = drawCurves(['a', 'b', 'c'].map(series), labels)
  requireSound(three)
  assert.equal(count(three, 'circle'), 9 + 3)
})

describe('an ensemble', () => {
  const node = (name: string, share?: number) => ({
    name,
    lines: ['RMSE 1', 'fit 1 s'],
    share,
    weight: share === undefined ? undefined : String(share),
  })

  test('is drawn with a box for each learner and a line for each weight', () => {
    const svg = drawStack({
      input: node('100 rows'),
      layers: [[node('a', 1), node('b', -0.5), node('c', 0)]],
      combiner: node('ensemble'),
      label: 'l',
    })
    requireSound(svg)
    assert.equal(svg.match(/rx="6"/g)!.length, 5)
    assert.match(svg, /class="line s-p0"[^>]*stroke-dasharray/)
  })

  test('of several layers, and without what combines them', () => {
    const layers = [[node('a'), node('b')], [node('c')], [node('d'), node('e')]]
    const svg = drawStack({ input: node('rows'), layers, combiner: undefined, label: 'l' })
    requireSound(svg)
    assert.equal(svg.match(/stroke-opacity="\.5"/g)!.length, 2 + 2)
  })
})

test('names are text, whatever is in them', () => {
  const bad = '"><script>alert(1)</script>'
  const node = { name: bad, lines: [bad] }
  const svgs = [
    drawScores([line(bad, 1, [1])], bad),
    drawBars([{ name: bad, value: 1, deviation: 0, shown: bad }], bad),
    drawMatrix({
      rows: [bad],
      columns: [bad],
      label: bad,
      cell: () => ({ shown: bad, shade: 1, words: bad }),
    }),
    drawPoints({ x: [1, 2], y: [1, 2], xLabel: bad, yLabel: bad, label: bad }).svg,
    drawCurves(
      [bad, bad].map((name) => ({ name, x: [0, 1], y: [0, 1], weights: [1, 1] })),
      { xLabel: bad, yLabel: bad, label: bad },
    ),
    drawStack({ input: node, layers: [[node]], combiner: node, label: bad }),
  ]
  for (const svg of svgs) assert.ok(!svg.includes('<script'))
})
