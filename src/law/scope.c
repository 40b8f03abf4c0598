#include "law/scope.h"

#include <stdlib.h>
#include <string.h>

typedef struct word {
  const char *at;
  size_t n;
} word;

/* The next word from `at` on; false: there is none. */
static bool next_word (const char **at, const char *end, word *w) {
  const char *p = *at;
  while (p < end && *p == ' ') p++;
  w->at = p;
  while (p < end && *p != ' ') p++;
  w->n = (size_t)(p - w->at);
  *at = p;
  return w->n > 0;
}

static int compare (const void *a, const void *b) {
  const word *x = a, *y = b;
  int order = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

static bool add_word (al_buf *out, size_t from, const word *w) {
  return (out->n == from || al_buf_addc(out, ' ')) && al_buf_add(out, w->at, w->n);
}

size_t al_scope_words (const char *scope, size_t n) {
  word w;
  size_t count = 0;
  for (const char *p = scope; next_word(&p, scope + n, &w);) count++;
  return count;
}

bool al_scope_sort (al_buf *out, const char *scope, size_t n) {
  size_t count = al_scope_words(scope, n), from = out->n, i = 0;
  if (count == 0) return true;
  word *words = calloc(count, sizeof *words);
  if (words == NULL) return false;
  for (const char *p = scope; i < count && next_word(&p, scope + n, &words[i]);) i++;
  qsort(words, count, sizeof *words, compare);
  bool ok = true;
  for (i = 0; i < count && ok; i++)
    if (i == 0 || compare(&words[i - 1], &words[i]) != 0) ok = add_word(out, from, &words[i]);
  free(words);
  return ok;
}

static bool has (const char *scope, size_t n, const word *wanted) {
  word w;
  for (const char *p = scope; next_word(&p, scope + n, &w);)
    if (compare(&w, wanted) == 0) return true;
  return false;
}

bool al_scope_covers (const char *wide, size_t wide_n, const char *narrow, size_t narrow_n) {
  word w;
  for (const char *p = narrow; next_word(&p, narrow + narrow_n, &w);)
    if (!has(wide, wide_n, &w)) return false;
  return true;
}

static bool add_new (al_buf *out, size_t from, const char *scope, size_t n) {
  word w;
  for (const char *p = scope; next_word(&p, scope + n, &w);)
    if (!has(al_buf_text(out) + from, out->n - from, &w) && !add_word(out, from, &w)) return false;
  return true;
}

bool al_scope_join (al_buf *out, const char *a, size_t a_n, const char *b, size_t b_n) {
  size_t from = out->n;
  return add_new(out, from, a, a_n) && add_new(out, from, b, b_n);
}
