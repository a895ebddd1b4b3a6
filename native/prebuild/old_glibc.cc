/** Binds the prebuilt core to symbols that glibc has had since 2.28 or longer. */

// Linked into prebuilt cores only, with `--wrap` for each `__wrap_` function. A new glibc gives
// these symbols a new version when they move from one library to another; their old versions
// are still there. What was not there at all is written out below. `prebuild.mjs` checks the
// result and fails when a symbol is missing here.

#include <dlfcn.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#if defined(__x86_64__)
#define OLDEST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST "GLIBC_2.17"
#else
#error "no prebuilt core is made for this processor"
#endif

#define BIND(name) asm(".symver onecopy_" #name ", " #name "@" OLDEST)

extern "C" {

BIND(pthread_create);
BIND(pthread_join);
BIND(dlopen);
BIND(dlsym);
BIND(dladdr);
BIND(pthread_detach);
BIND(pthread_once);
BIND(pthread_key_create);
BIND(pthread_key_delete);
BIND(pthread_getspecific);
BIND(pthread_setspecific);
BIND(exp);
BIND(log);
BIND(pow);

int onecopy_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
int onecopy_pthread_join(pthread_t, void**);
int onecopy_pthread_detach(pthread_t);
int onecopy_pthread_once(pthread_once_t*, void (*)());
int onecopy_pthread_key_create(pthread_key_t*, void (*)(void*));
int onecopy_pthread_key_delete(pthread_key_t);
void* onecopy_pthread_getspecific(pthread_key_t);
int onecopy_pthread_setspecific(pthread_key_t, const void*);
void* onecopy_dlopen(const char*, int);
void* onecopy_dlsym(void*, const char*);
int onecopy_dladdr(const void*, Dl_info*);
double onecopy_exp(double);
double onecopy_log(double);
double onecopy_pow(double, double);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                          void* (*start)(void*), void* argument) {
  return onecopy_pthread_create(thread, attributes, start, argument);
}

int __wrap_pthread_join(pthread_t thread, void** result) {
  return onecopy_pthread_join(thread, result);
}

int __wrap_pthread_detach(pthread_t thread) { return onecopy_pthread_detach(thread); }

// What the standard library needs for condition variables.
int __wrap_pthread_once(pthread_once_t* once, void (*work)()) { return onecopy_pthread_once(once, work); }

int __wrap_pthread_key_create(pthread_key_t* key, void (*end)(void*)) {
  return onecopy_pthread_key_create(key, end);
}

int __wrap_pthread_key_delete(pthread_key_t key) { return onecopy_pthread_key_delete(key); }

void* __wrap_pthread_getspecific(pthread_key_t key) { return onecopy_pthread_getspecific(key); }

int __wrap_pthread_setspecific(pthread_key_t key, const void* value) {
  return onecopy_pthread_setspecific(key, value);
}

void* __wrap_dlopen(const char* name, int flags) { return onecopy_dlopen(name, flags); }

// `dlsym` with RTLD_DEFAULT searches from the caller's library, which this file is part of.
void* __wrap_dlsym(void* library, const char* name) { return onecopy_dlsym(library, name); }

int __wrap_dladdr(const void* address, Dl_info* info) { return onecopy_dladdr(address, info); }

// Their versions of 2.29 set no `errno` by a wrapper; the values are the same.
double __wrap_exp(double x) { return onecopy_exp(x); }

double __wrap_log(double x) { return onecopy_log(x); }

double __wrap_pow(double x, double y) { return onecopy_pow(x, y); }

// Since 2.32. libstdc++ leaves out atomic operations while it is true: false is always right.
char __libc_single_threaded = 0;

// Since 2.33 a function; the kernel's own struct has the same layout on both processors.
int fstat64(int fd, struct stat64* status) noexcept {
  return static_cast<int>(syscall(SYS_fstat, fd, status));
}

// Since 2.36; libstdc++ makes `std::random_device` of it.
uint32_t arc4random() noexcept {
  uint32_t value = 0;
  if (getentropy(&value, sizeof value) != 0) __builtin_trap();
  return value;
}

}  // extern "C"
