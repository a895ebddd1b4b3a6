/** Measures the width of text. */

/**
 * Width of a line of text in DejaVu Sans, the font of the PNG and one of the widest; in most
 * other fonts the same text takes less room.
 *
 * @param size - size of the font; the width has the same unit
 */
export function textWidth(text: string, size: number): number {
  let thousandths = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    thousandths += widths[code - 0x20] ?? (code < 0x250 ? 720 : 1050)
  }
  return (thousandths * size) / 1000
}

/** Cuts text to a width, with an ellipsis; empty when not even three letters have room. */
export function cutText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text
  const characters = Array.from(text)
  for (let length = characters.length - 1; length >= 3; length--) {
    const cut = `${characters.slice(0, length).join('').trimEnd()}\u2026`
    if (textWidth(cut, size) <= width) return cut
  }
  return ''
}

/** Advance widths of U+0020 to U+007E in thousandths of the font's size. */
// prettier-ignore
const widths = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
  636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
  575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
  611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
  278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
]
