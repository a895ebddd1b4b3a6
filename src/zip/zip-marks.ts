/** Numbers that mark the records and fields of a zip archive. */

/** @see PKWARE's APPNOTE.TXT, 4.3 and 4.5; for the alignment field, Android's zipalign */
export const formatMark = {
  localHeader: 0x04034b50,
  centralEntry: 0x02014b50,
  end: 0x06054b50,
  longEnd: 0x06064b50,
  longEndPlace: 0x07064b50,
  /** CRC and sizes behind the content. */
  descriptor: 0x08074b50,
  /** Field of 64-bit sizes and offsets. */
  longs: 0x0001,
  /** Field of zeros that aligns the content. */
  alignment: 0xd935,
} as const
