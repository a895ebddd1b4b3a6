/** Files of models and arrays: those of onecopy, and of others. */

export { type ClassRegistration, registerClass } from '../objects/index.ts'
export type { ArrayChoice, ArrayStorage, NamedArrays } from './named-arrays.ts'
export { openNpz, type OpenNpzOptions } from './npz/open-npz.ts'
export { saveNpz, type SaveNpzOptions } from './npz/save-npz.ts'
export { openSafetensors, type OpenedTensors } from './safetensors/open-safetensors.ts'
export { saveSafetensors, type SaveSafetensorsOptions } from './safetensors/save-safetensors.ts'
export {
  describeModel,
  type ModelArray,
  type ModelClass,
  type ModelDescription,
} from './model-file/describe-model.ts'
export type { JsonValue, ModelMetadata } from './model-file/model-schema.ts'
export { openModel, type OpenModelOptions } from './model-file/open-model.ts'
export { saveModel, type SaveModelOptions } from './model-file/save-model.ts'
export { signModel, verifyModel } from './model-file/sign.ts'
export type { KeyInput } from './model-file/signature-text.ts'
export { type BoostedFileOptions } from './boosted/boosted-options.ts'
export { openLightGBM } from './lightgbm/open-lightgbm.ts'
export { openXGBoost } from './xgboost/open-xgboost.ts'
export type { OnnxOptions } from './onnx/onnx-options.ts'
export { saveOnnx } from './onnx/save-onnx.ts'
export { openSkops } from './skops/open-skops.ts'
export { openSkopsArrays } from './skops/open-skops-arrays.ts'
export type { OpenSkopsOptions } from './skops/read-skops.ts'
