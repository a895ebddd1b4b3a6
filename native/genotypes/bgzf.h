/** Blocks of BGZF, the compressed form of genomic files. */

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace onecopy {

/** Bytes of text in a block, as bgzip has them. */
constexpr size_t kBgzfText = 65280;

/** The empty block at the end of each file. */
extern const unsigned char kBgzfEnd[28];

/**
 * Compresses blocks by the zlib that Node.js exports; one for each thread.
 *
 * @see section 4.1 of the SAM specification, samtools.github.io/hts-specs
 */
class BgzfWriter {
 public:
  /** @throws Error `ERR_PLATFORM` when this Node.js exports no zlib, `ERR_MEMORY` */
  explicit BgzfWriter(int level);
  ~BgzfWriter();
  BgzfWriter(const BgzfWriter&) = delete;
  BgzfWriter& operator=(const BgzfWriter&) = delete;

  /** Appends the blocks of a text to `out`, and where each of them starts in it to `starts`. */
  void compress(const char* text, size_t length, std::vector<unsigned char>& out, std::vector<uint64_t>& starts);

 private:
  struct Stream;
  void block(const char* text, size_t length, std::vector<unsigned char>& out);
  std::unique_ptr<Stream> stream_;
};

}  // namespace onecopy
