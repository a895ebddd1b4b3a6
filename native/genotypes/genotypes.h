/** Genotype tables written as VCF. */

#pragma once

#include <node_api.h>

namespace onecopy {

/** Registers `writeGenotypes`; its contract is `GenotypeCore` in `src/native/genotype-core.ts`. */
void registerGenotypes(napi_env env, napi_value exports);

}  // namespace onecopy
