/** Blocks of BGZF, the compressed form of genomic files. */

#include "genotypes/bgzf.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "border/napi.h"

namespace onecopy {
namespace {

/** zlib's `z_stream`, whose layout has not changed since 1995; Node's headers come without it. */
struct ZlibStream {
  const unsigned char* nextIn;
  unsigned int availableIn;
  unsigned long totalIn;
  unsigned char* nextOut;
  unsigned int availableOut;
  unsigned long totalOut;
  const char* message;
  void* state;
  void* (*allocate)(void*, unsigned int, unsigned int);
  void (*free)(void*, void*);
  void* opaque;
  int dataType;
  unsigned long checksum;
  unsigned long reserved;
};

/** What we use of zlib; Node.js exports it for addons. */
struct Zlib {
  const char* (*version)();
  int (*deflateInit2)(ZlibStream*, int, int, int, int, int, const char*, int);
  int (*deflate)(ZlibStream*, int);
  int (*deflateReset)(ZlibStream*);
  int (*deflateEnd)(ZlibStream*);
  unsigned long (*crc32)(unsigned long, const unsigned char*, unsigned int);
};

template <class Function>
void find(Function& function, const char* name) {
  void* const address = dlsym(RTLD_DEFAULT, name);
  if (address == nullptr)
    throw Error("ERR_PLATFORM", std::string("This Node.js does not export `") + name +
                                    "` of zlib, so onecopy can't compress. Write plain VCF and compress it with bgzip.");
  std::memcpy(&function, &address, sizeof function);
}

const Zlib& zlib() {
  static const Zlib functions = [] {
    Zlib found;
    find(found.version, "zlibVersion");
    find(found.deflateInit2, "deflateInit2_");
    find(found.deflate, "deflate");
    find(found.deflateReset, "deflateReset");
    find(found.deflateEnd, "deflateEnd");
    find(found.crc32, "crc32");
    return found;
  }();
  return functions;
}

constexpr int kDeflated = 8, kRawWindow = -15, kMemoryLevel = 8, kFinish = 4, kStreamEnd = 1;
constexpr size_t kHead = 18, kFoot = 8, kLargestBlock = 65536;

/** A gzip header with the extra field `BC`, whose last two bytes are the block's length less one. */
constexpr unsigned char kHeader[kHead] = {31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0, 0, 0};

void putLittle(unsigned char* out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; i++) out[i] = static_cast<unsigned char>(value >> 8 * i);
}

}  // namespace

const unsigned char kBgzfEnd[28] = {31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67,
                                    2, 0, 27, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};

struct BgzfWriter::Stream {
  ZlibStream zlib{};
};

BgzfWriter::BgzfWriter(int level) : stream_(std::make_unique<Stream>()) {
  const int status = zlib().deflateInit2(&stream_->zlib, level, kDeflated, kRawWindow, kMemoryLevel, 0,
                                         zlib().version(), sizeof(ZlibStream));
  if (status == -4) throw std::bad_alloc();
  if (status != 0) throw Error("ERR_PLATFORM", "zlib refused to start: " + std::to_string(status) + ".");
}

BgzfWriter::~BgzfWriter() { zlib().deflateEnd(&stream_->zlib); }

void BgzfWriter::compress(const char* text, size_t length, std::vector<unsigned char>& out,
                          std::vector<uint64_t>& starts) {
  for (size_t at = 0; at < length; at += kBgzfText) {
    starts.push_back(out.size());
    block(text + at, std::min(kBgzfText, length - at), out);
  }
}

void BgzfWriter::block(const char* text, size_t length, std::vector<unsigned char>& out) {
  const size_t start = out.size();
  out.resize(start + kLargestBlock);
  unsigned char* const block = out.data() + start;
  std::memcpy(block, kHeader, kHead);
  ZlibStream& stream = stream_->zlib;
  stream.nextIn = reinterpret_cast<const unsigned char*>(text);
  stream.availableIn = static_cast<unsigned int>(length);
  stream.nextOut = block + kHead;
  stream.availableOut = kLargestBlock - kHead - kFoot;
  // Text that can't be compressed is stored, which takes a few bytes more than it has: that fits.
  if (zlib().deflate(&stream, kFinish) != kStreamEnd)
    throw Error("ERR_PLATFORM", "zlib could not compress a block of " + std::to_string(length) + " bytes.");
  const size_t packed = stream.nextOut - (block + kHead);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  putLittle(block + 16, static_cast<uint32_t>(kHead + packed + kFoot - 1), 2);
  putLittle(block + kHead + packed,
            static_cast<uint32_t>(zlib().crc32(0, bytes, static_cast<unsigned int>(length))), 4);
  putLittle(block + kHead + packed + 4, static_cast<uint32_t>(length), 4);
  out.resize(start + kHead + packed + kFoot);
  zlib().deflateReset(&stream);
}

}  // namespace onecopy
