/*
 * replay CORPUS: runs every target over its folder of the corpus, and over what little changes make of each file: cut
 * at every byte, and with every byte replaced. Needs no libFuzzer. Prints a line a target, in the manner of spec/c.
 */
#include <dirent.h>

#include "fuzz.h"

#define X(name_) int fuzz_##name_(const uint8_t *bytes, size_t n);
FUZZ_TARGETS
#undef X

static const struct {
  const char *name;
  int (*run)(const uint8_t *, size_t);
} targets[] = {
#define X(name_) { #name_, fuzz_##name_ },
  FUZZ_TARGETS
#undef X
};

enum { largest = 1 << 16, varied = 1500 /* larger files are run as they are: changes would take too long */ };

static unsigned long runs;

static void run (int (*target)(const uint8_t *, size_t), const uint8_t *bytes, size_t n) {
  uint8_t *exact = malloc(n > 0 ? n : 1);
  if (exact == NULL) abort();
  memcpy(exact, bytes, n);
  target(exact, n);
  free(exact);
  runs++;
}

static void vary (int (*target)(const uint8_t *, size_t), uint8_t *bytes, size_t n, size_t stride) {
  static const uint8_t others[] = { 0, '\n', '"', '%', ':', 0xFF, '9' };
  for (size_t i = 0; i < n; i += stride) {
    uint8_t kept = bytes[i];
    run(target, bytes, i);
    bytes[i] = others[(i + kept) % sizeof others];
    run(target, bytes, n);
    bytes[i] = kept;
  }
}

static int replay_file (int (*target)(const uint8_t *, size_t), const char *path, size_t stride) {
  uint8_t bytes[largest];
  FILE *file = fopen(path, "rb");
  if (file == NULL) return 0;
  size_t n = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  fprintf(stderr, "# %s\n", path);
  run(target, bytes, n);
  if (n <= varied) vary(target, bytes, n, stride);
  return 1;
}

/* Each input is a connection, or has keys in it. */
static bool is_slow (const char *name) {
  return strcmp(name, "server") == 0 || strcmp(name, "jwk") == 0 || strcmp(name, "jwt") == 0;
}

static int replay (int at, const char *corpus, size_t stride) {
  char folder[1024], path[2048];
  int files = 0;
  snprintf(folder, sizeof folder, "%s/%s", corpus, targets[at].name);
  DIR *list = opendir(folder);
  for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    files += replay_file(targets[at].run, path, stride);
  }
  if (list != NULL) closedir(list);
  return files;
}

int main (int count, char **words) {
  int failed = 0;
  for (int i = 0; i < (int)(sizeof targets / sizeof *targets) && count > 1; i++) {
    runs = 0;
    int files = replay(i, words[1], is_slow(targets[i].name) ? 11 : 1);
    printf("%s fuzz: %s stands its corpus and %s\n", files > 0 ? "ok" : "not ok", targets[i].name,
           files > 0 ? "small changes of it" : "has one");
    fprintf(stderr, "# %s: %d files, %lu runs\n", targets[i].name, files, runs);
    if (files == 0) failed = 1;
  }
  return count > 1 ? failed : 2;
}
