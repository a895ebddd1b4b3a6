/** What NumPy and joblib call options, modes and dtypes of arrays. */

import { foreignHint } from '../../foreign-options.ts'

/** Hints for options of functions that open, make and save arrays. */
export const arrayHint = foreignHint({
  counterparts: {
    mmap_mode: 'mode',
    access: 'mode',
    flag: 'mode',
    flags: 'mode',
    type: 'dtype',
    typestr: 'dtype',
    size: 'shape',
    dims: 'shape',
    temp_folder: 'scratch',
    folder: 'scratch',
    dir: 'scratch',
    directory: 'scratch',
    tmpdir: 'scratch',
    by: 'step',
    abort_signal: 'signal',
  },
  instead: {
    readonly: "use mode 'c', which keeps writes private to this process",
    read_only: "use mode 'c', which keeps writes private to this process",
    writable: "use mode 'r+', which writes to the file",
    writeable: "use mode 'r+', which writes to the file",
    order: 'arrays are in C order; `transpose()` gives the other one without a copy',
    copy: '`array()` copies lists and wraps typed arrays; `copy()` copies any array',
    fill: 'write `array.fill(value)`, or make the array with `full()`',
    fill_value: 'the value stands before the options, as in `full(shape, value)`',
    allow_pickle: 'files hold numbers only, and no pickle',
    fix_imports: 'files hold numbers only, and no pickle',
    compress: 'files are not compressed, so that they can be mapped',
    compression: 'files are not compressed, so that they can be mapped',
  },
})

/** Dtypes of NumPy and other libraries. */
export const dtypeCounterparts: Readonly<Record<string, string>> = {
  float: 'float64',
  double: 'float64',
  number: 'float64',
  f8: 'float64',
  '<f8': 'float64',
  single: 'float32',
  f4: 'float32',
  '<f4': 'float32',
  int: 'int64',
  long: 'int64',
  '<i8': 'int64',
  bigint: 'int64',
  i4: 'int32',
  '<i4': 'int32',
  i2: 'int16',
  i1: 'int8',
  uint: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  byte: 'uint8',
  boolean: 'bool',
  bool_: 'bool',
}

const makeFile = 'To make a file use createArray(), with `overwrite: true` to replace one.'

/** Modes of `numpy.memmap` and of files, and what to do instead. */
export const modeAdvice: Readonly<Record<string, string>> = {
  r: "In place of mode 'r' of NumPy and joblib use 'c', which maps the file, too, and keeps writes private to this process.",
  readonly: "For reading use mode 'c', which keeps writes private to this process.",
  copyonwrite: "onecopy calls it 'c'.",
  rw: "onecopy calls it 'r+'.",
  readwrite: "onecopy calls it 'r+'.",
  w: makeFile,
  'w+': makeFile,
  write: makeFile,
}
