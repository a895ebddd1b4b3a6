/** Files of models and arrays: those of onecopy, and of others. */

export type { ArrayChoice, ArrayStorage, NamedArrays } from './named-arrays.ts'
export { openNpz, type OpenNpzOptions } from './npz/open-npz.ts'
export { saveNpz, type SaveNpzOptions } from './npz/save-npz.ts'
export { openSafetensors, type OpenedTensors } from './safetensors/open-safetensors.ts'
export { saveSafetensors, type SaveSafetensorsOptions } from './safetensors/save-safetensors.ts'
export { type BoostedFileOptions } from './boosted/boosted-options.ts'
export { openLightGBM } from './lightgbm/open-lightgbm.ts'
export { openXGBoost } from './xgboost/open-xgboost.ts'
