/*
 * Stands between a program and the disk (LD_PRELOAD): counts, delays or fails fsync and fdatasync.
 *   SYNC_DELAY_MS   milliseconds that each takes longer
 *   SYNC_FAIL_FROM  the number of the first one that fails with EIO, from 1 on
 *   SYNC_FAIL_COUNT how many fail; 1 unless told
 *   SYNC_COUNT_FILE a file of 8 bytes that always holds how many there have been (a native 64-bit integer)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static _Atomic long own_count;
static _Atomic long *count = &own_count;
static long delay_ms, fail_from, fail_count = 1;

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void read_environment(void) {
  delay_ms = number("SYNC_DELAY_MS", 0);
  fail_from = number("SYNC_FAIL_FROM", 0);
  fail_count = number("SYNC_FAIL_COUNT", 1);
  const char *path = getenv("SYNC_COUNT_FILE");
  if (!path) return;
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(long)) != 0) abort();
  void *shared = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) abort();
  close(file);
  count = shared;
}

static int synced(int file, const char *name) {
  long number_of_this = atomic_fetch_add(count, 1) + 1;
  if (delay_ms > 0) {
    struct timespec pause = {delay_ms / 1000, (delay_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
  }
  if (fail_from > 0 && number_of_this >= fail_from && number_of_this < fail_from + fail_count) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(file);
}

int fsync(int file) { return synced(file, "fsync"); }
int fdatasync(int file) { return synced(file, "fdatasync"); }
