/*
 * A disk that forgets: a library loaded into a program, which keeps, in a second folder, what a
 * power cut would leave of the first: of each file the bytes it had at its last successful fsync.
 *
 * POWER_CUT_OF is the folder to watch and POWER_CUT_TO the one that holds what would be left. A
 * rename or an unlink holds at once: the program is not excused for what it wrote before. Nothing
 * is kept of a file that was never synced.
 *
 * What it cannot find: a folder that is not synced. That a file is there, bears its new name or is
 * gone holds here without an fsync of its folder, which a disk need not grant.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Writes the path in the second folder of a path in the first; 0 when it is not in there. */
static int shadow_of(const char *path, char *out, size_t size) {
  const char *of = getenv("POWER_CUT_OF"), *to = getenv("POWER_CUT_TO");
  if (of == NULL || to == NULL) return 0;
  size_t length = strlen(of);
  if (strncmp(path, of, length) != 0 || path[length] != '/') return 0;
  int written = snprintf(out, size, "%s%s", to, path + length);
  return written > 0 && (size_t)written < size;
}

static void make_folders(char *path) {
  for (char *at = path + 1; *at != '\0'; at += 1) {
    if (*at != '/') continue;
    *at = '\0';
    mkdir(path, 0700);
    *at = '/';
  }
}

/* Copies what an open file holds. Aborts where that fails: a half copy would be a false witness. */
static void copy(int from, int to) {
  char bytes[65536];
  off_t offset = 0;
  for (;;) {
    ssize_t got = pread(from, bytes, sizeof bytes, offset);
    if (got == 0) return;
    if (got < 0) {
      if (errno == EINTR) continue;
      abort();
    }
    for (ssize_t done = 0; done < got;) {
      ssize_t put = write(to, bytes + done, (size_t)(got - done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) abort();
      done += put;
    }
    offset += got;
  }
}

static void keep(int file) {
  char link[64], path[PATH_MAX], kept[PATH_MAX], half[PATH_MAX + 8];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = '\0';
  struct stat about;
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return;
  if (!shadow_of(path, kept, sizeof kept)) return;
  /* One that may only be written cannot be copied by its own descriptor. */
  int readable = open(path, O_RDONLY | O_CLOEXEC);
  if (readable < 0) return;
  pthread_mutex_lock(&lock);
  make_folders(kept);
  snprintf(half, sizeof half, "%s.half", kept);
  int target = open(half, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (target < 0) abort();
  copy(readable, target);
  close(target);
  if (rename(half, kept) != 0) abort();
  pthread_mutex_unlock(&lock);
  close(readable);
}

int fsync(int file) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int result = real(file);
  if (result == 0) keep(file);
  return result;
}

int fdatasync(int file) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int result = real(file);
  if (result == 0) keep(file);
  return result;
}

int unlink(const char *path) {
  static int (*real)(const char *);
  if (real == NULL) real = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
  int result = real(path);
  char kept[PATH_MAX];
  if (result == 0 && shadow_of(path, kept, sizeof kept)) real(kept);
  return result;
}

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (real == NULL) real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  int result = real(from, to);
  char one[PATH_MAX], other[PATH_MAX];
  if (result == 0 && shadow_of(from, one, sizeof one) && shadow_of(to, other, sizeof other)) {
    real(one, other);
  }
  return result;
}
