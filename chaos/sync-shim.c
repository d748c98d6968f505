/*
 * Stands between a program and the disk (LD_PRELOAD). What is not asked for is passed on as it is.
 *   SYNC_CONTROL a file of six native 64-bit integers, which may be changed while the program runs:
 *                how many syncs (fsync, fdatasync) there have been; milliseconds that each takes longer; the number of the
 *                first one that fails with EIO, from 1 on, how many do, and after how many it happens again (0: never);
 *                bytes that the disk has room for (0: as it is)
 *   DISK_FILES   the absolute path of a database: its folder is the disk that has so much room
 *   DISK_RECORD  a file that is given every write, cut and sync of the database and its -wal, and the beginning of every
 *                webhook that is read and answer that is written, one after another (chaos/recording.ts reads it)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

struct control {
  _Atomic int64_t syncs, delay_ms, fail_from, fail_count, fail_every, room;
};
static struct control none;
static struct control *control = &none;

static const char *database;
static int recording = -1;
static _Atomic int64_t recorded;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

enum kind { WRITE = 1, CUT, SYNC, REQUEST, ANSWER };
/** Of a file 0 is the database and 1 its -wal; of a socket it is the descriptor. */
struct entry {
  int32_t kind, file;
  int64_t offset, length;
};

static void record(struct entry entry, const void *bytes) {
  if (recording < 0) return;
  struct iovec parts[] = {{&entry, sizeof entry}, {(void *)bytes, bytes ? (size_t)entry.length : 0}};
  pthread_mutex_lock(&turn);
  if (REAL(writev)(recording, parts, 2) < 0) abort();
  recorded++;
  pthread_mutex_unlock(&turn);
}

__attribute__((constructor)) static void read_environment(void) {
  database = getenv("DISK_FILES");
  const char *record_path = getenv("DISK_RECORD");
  if (record_path) recording = open(record_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  const char *control_path = getenv("SYNC_CONTROL");
  int file = control_path ? open(control_path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *shared = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) abort();
  close(file);
  control = shared;
  control->syncs = 0;
}

/** Whether the path of what is open begins with so many bytes of the database's path; `rest` is given what follows. */
static int begins(int descriptor, size_t length, char rest[4096]) {
  char link[32], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t found = readlink(link, path, sizeof path - 1);
  if (found < (ssize_t)length || strncmp(path, database, length) != 0) return 0;
  path[found] = 0;
  strcpy(rest, path + length);
  return 1;
}

/** Which of the recorded files it is: 0 the database, 1 its -wal, -1 neither. */
static int file_of(int descriptor) {
  char rest[4096];
  if (!database || !begins(descriptor, strlen(database), rest)) return -1;
  return rest[0] == 0 ? 0 : strcmp(rest, "-wal") == 0 ? 1 : -1;
}

/** Of the path of the database's folder. */
static size_t folder_length(void) { return database ? strrchr(database, '/') - database : 0; }

static int64_t size_of(int descriptor) {
  struct stat state;
  return fstat(descriptor, &state) == 0 ? state.st_size : 0;
}

/** Of all files of the database's folder. */
static int64_t used(void) {
  char folder[4096];
  snprintf(folder, sizeof folder, "%.*s", (int)folder_length(), database);
  DIR *open_folder = opendir(folder);
  if (!open_folder) return 0;
  int64_t bytes = 0;
  struct dirent *found;
  struct stat state;
  while ((found = readdir(open_folder)))
    if (fstatat(dirfd(open_folder), found->d_name, &state, 0) == 0 && S_ISREG(state.st_mode)) bytes += state.st_size;
  closedir(open_folder);
  return bytes;
}

/** Whether the file may grow to this size; if not, as a full disk says it. */
static int has_room(int descriptor, int64_t size) {
  char rest[4096];
  int64_t room = control->room;
  if (room == 0 || !database || !begins(descriptor, folder_length(), rest)) return 1;
  int64_t more = size - size_of(descriptor);
  if (more <= 0 || used() + more <= room) return 1;
  errno = ENOSPC;
  return 0;
}

/** How much room there is, for who asks beforehand. */
int statfs64(const char *path, struct statfs64 *found) {
  int result = REAL(statfs64)(path, found);
  int64_t room = control->room;
  if (result != 0 || room == 0 || !database || strncmp(path, database, folder_length()) != 0) return result;
  int64_t rest = room - used();
  found->f_blocks = room / found->f_bsize;
  found->f_bfree = found->f_bavail = (rest > 0 ? rest : 0) / found->f_bsize;
  return 0;
}

static int fails(int64_t number) {
  int64_t since = number - control->fail_from, every = control->fail_every;
  return control->fail_from > 0 && since >= 0 && (every > 0 ? since % every : since) < control->fail_count;
}

static int synced(int descriptor, int (*sync)(int)) {
  int file = file_of(descriptor);
  int64_t began = recorded, number = ++control->syncs;
  if (control->delay_ms > 0) {
    struct timespec pause = {control->delay_ms / 1000, (control->delay_ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
  }
  int failing = fails(number);
  int result = failing ? -1 : sync(descriptor);
  if (file >= 0) record((struct entry){SYNC, file, began, result == 0 ? 0 : -1}, NULL);
  if (failing) errno = EIO;
  return result;
}

int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }

static void record_write(int descriptor, const void *bytes, size_t length, off64_t offset) {
  int file = recording < 0 ? -1 : file_of(descriptor);
  if (file >= 0) record((struct entry){WRITE, file, offset, length}, bytes);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
  if (!has_room(descriptor, offset + length)) return -1;
  record_write(descriptor, bytes, length, offset);
  return REAL(pwrite64)(descriptor, bytes, length, offset);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
  return pwrite64(descriptor, bytes, length, offset);
}

int ftruncate64(int descriptor, off64_t size) {
  if (!has_room(descriptor, size)) return -1;
  int file = recording < 0 ? -1 : file_of(descriptor);
  if (file >= 0) record((struct entry){CUT, file, size, 0}, NULL);
  return REAL(ftruncate64)(descriptor, size);
}
int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

/** How much of a webhook and of an answer is kept: its headers, its status. */
enum { HEADERS = 2048, STATUS = 16 };

static void record_answer(int descriptor, const char *bytes, size_t length) {
  if (recording >= 0 && length >= STATUS && memcmp(bytes, "HTTP/1.1 ", 9) == 0)
    record((struct entry){ANSWER, descriptor, 0, STATUS}, bytes);
}

ssize_t read(int descriptor, void *bytes, size_t length) {
  ssize_t result = REAL(read)(descriptor, bytes, length);
  if (recording >= 0 && result > 5 && memcmp(bytes, "POST ", 5) == 0)
    record((struct entry){REQUEST, descriptor, 0, result < HEADERS ? result : HEADERS}, bytes);
  return result;
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
  record_answer(descriptor, bytes, length);
  if (control->room > 0 && !has_room(descriptor, lseek(descriptor, 0, SEEK_CUR) + length)) return -1;
  if (recording >= 0) record_write(descriptor, bytes, length, lseek(descriptor, 0, SEEK_CUR));
  return REAL(write)(descriptor, bytes, length);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  if (count > 0) record_answer(descriptor, parts[0].iov_base, parts[0].iov_len);
  return REAL(writev)(descriptor, parts, count);
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
  if (message->msg_iovlen > 0) record_answer(descriptor, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  return REAL(sendmsg)(descriptor, message, flags);
}
