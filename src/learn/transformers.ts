/** Steps that change columns before a model learns from them. */

export type { Categories } from './encoders/categories.ts'
export {
  OneHotEncoder,
  type OneHotEncoderOptions,
  type UnknownCategory,
} from './encoders/one-hot-encoder.ts'
export { OrdinalEncoder, type OrdinalEncoderOptions } from './encoders/ordinal-encoder.ts'
export { TargetEncoder, type TargetEncoderOptions } from './encoders/target-encoder.ts'
export type { ColumnPart } from './pipelines/column-parts.ts'
export { ColumnTransformer, type ColumnTransformerOptions } from './pipelines/column-transformer.ts'
export { MinMaxScaler, type MinMaxScalerOptions } from './preprocessing/min-max-scaler.ts'
export { PCA, type PCAOptions } from './preprocessing/pca.ts'
export {
  PolynomialFeatures,
  type PolynomialFeaturesOptions,
} from './preprocessing/polynomial-features.ts'
export {
  QuantileTransformer,
  type QuantileTransformerOptions,
} from './preprocessing/quantile-transformer.ts'
export { RobustScaler, type RobustScalerOptions } from './preprocessing/robust-scaler.ts'
export { SelectColumns, type SelectColumnsOptions } from './preprocessing/select-columns.ts'
export {
  type ColumnScoreName,
  SelectKBest,
  type SelectKBestOptions,
} from './preprocessing/select-k-best.ts'
export {
  type ImputerStrategy,
  SimpleImputer,
  type SimpleImputerOptions,
} from './preprocessing/simple-imputer.ts'
export { StandardScaler, type StandardScalerOptions } from './preprocessing/standard-scaler.ts'
