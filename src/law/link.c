#include "law/link.h"

#include <stdbool.h>
#include <string.h>

#include "ground/ascii.h"

typedef struct text {
  const char *p, *end;
} text;

static bool blank (char c) {
  return c == ' ' || c == '\t';
}

static void skip_blanks (text *t) {
  while (t->p < t->end && blank(*t->p)) t->p++;
}

/* Up to one of these, which stays. */
static text until (text *t, const char *stops) {
  text word = { .p = t->p };
  while (t->p < t->end && (*t->p == '\0' || strchr(stops, *t->p) == NULL)) t->p++;
  word.end = t->p;
  return word;
}

/* "…", without the marks; a backslash takes the next character along. An open one goes to the end. */
static text quoted (text *t) {
  text word = { .p = ++t->p };
  while (t->p < t->end && *t->p != '"') t->p += *t->p == '\\' && t->end - t->p > 1 ? 2 : 1;
  word.end = t->p;
  if (t->p < t->end) t->p++;
  return word;
}

static bool same (text a, const char *b, size_t n) {
  return (size_t)(a.end - a.p) == n && al_ascii_same(a.p, b, n);
}

/* Whether one of the words of a `rel` is that. */
static bool lists (text words, const char *relation, size_t n) {
  while (words.p < words.end) {
    skip_blanks(&words);
    if (same(until(&words, " \t"), relation, n)) return true;
  }
  return false;
}

/* The parameters behind a target, up to the next link: whether the first `rel` has the relation. */
static bool related (text *t, const char *relation, size_t n) {
  bool told = false, found = false;
  while (t->p < t->end && *t->p != '<' && *t->p != ',') {
    if (*t->p == ';' || *t->p == '=' || blank(*t->p)) {
      t->p++;
      continue;
    }
    text name = until(t, "=;, \t<"), value = { .p = t->p, .end = t->p };
    skip_blanks(t);
    if (t->p < t->end && *t->p == '=') {
      t->p++;
      skip_blanks(t);
      value = t->p < t->end && *t->p == '"' ? quoted(t) : until(t, ";, \t<");
    }
    if (told || !same(name, "rel", 3)) continue;
    told = true;
    found = lists(value, relation, n);
  }
  return found;
}

const char *al_link_find (const char *field, size_t n, const char *relation, size_t relation_n, size_t *target_n) {
  text t = { .p = field, .end = field + n };
  while ((t.p = memchr(t.p, '<', (size_t)(t.end - t.p))) != NULL) {
    t.p++;
    text target = until(&t, ">");
    if (t.p == t.end) return NULL;
    t.p++;
    *target_n = (size_t)(target.end - target.p);
    if (related(&t, relation, relation_n)) return target.p;
  }
  return NULL;
}
