#include "ground/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void al_wipe (void *bytes, size_t n) {
  if (n == 0) return;
#if defined(__GLIBC__) || defined(__OpenBSD__) || defined(__FreeBSD__)
  explicit_bzero(bytes, n);
#else
  volatile unsigned char *p = bytes;
  while (n--) *p++ = 0;
#endif
}

static void let_go (al_buf *b) {
  if (b->secret && b->bytes != NULL) al_wipe(b->bytes, b->room);
  free(b->bytes);
  b->bytes = NULL;
  b->n = b->room = 0;
}

static bool give_up (al_buf *b) {
  let_go(b);
  b->broken = true;
  return false;
}

/* realloc would leave a secret's old copy behind, so a secret grows by allocate, copy, wipe, free. */
static bool grow (al_buf *b, size_t room) {
  char *bytes = b->secret ? malloc(room) : realloc(b->bytes, room);
  if (bytes == NULL) {
    b->starved = true;
    return give_up(b);
  }
  if (!b->secret) {
    b->bytes = bytes;
    b->room = room;
    return true;
  }
  size_t n = b->n;
  if (n > 0) memcpy(bytes, b->bytes, n);
  let_go(b);
  b->bytes = bytes;
  b->n = n;
  b->room = room;
  return true;
}

char *al_buf_reserve (al_buf *b, size_t n) {
  if (b->broken) return NULL;
  if (n > b->max || b->n > b->max - n) {
    give_up(b);
    return NULL;
  }
  size_t need = b->n + n + 1;
  if (need > b->room) {
    size_t room = b->room < 128 ? 256 : b->room * 2;
    if (room < need) room = need;
    if (!grow(b, room)) return NULL;
  }
  return b->bytes + b->n;
}

bool al_buf_add (al_buf *b, const void *bytes, size_t n) {
  char *to = al_buf_reserve(b, n);
  if (to == NULL) return false;
  if (n > 0) memcpy(to, bytes, n);
  to[n] = '\0';
  b->n += n;
  return true;
}

bool al_buf_adds (al_buf *b, const char *text) {
  return al_buf_add(b, text, strlen(text));
}

bool al_buf_addc (al_buf *b, char c) {
  return al_buf_add(b, &c, 1);
}

bool al_buf_addf (al_buf *b, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0) return give_up(b);
  char *to = al_buf_reserve(b, (size_t)n);
  if (to == NULL) return false;
  va_start(args, format);
  vsnprintf(to, (size_t)n + 1, format, args);
  va_end(args);
  b->n += (size_t)n;
  return true;
}

const char *al_buf_text (const al_buf *b) {
  if (b->bytes == NULL) return "";
  b->bytes[b->n] = '\0'; /* what was written into reserved room has no end yet */
  return b->bytes;
}

bool al_buf_set (al_buf *b, const void *bytes, size_t n) {
  al_buf_clear(b);
  return al_buf_add(b, bytes, n);
}

bool al_buf_cut (al_buf *b, size_t n) {
  if (b->broken || n > b->n) return false;
  if (b->bytes == NULL) return true;
  if (b->secret) al_wipe(b->bytes + n, b->n - n);
  b->n = n;
  b->bytes[n] = '\0';
  return true;
}

void al_buf_shift (al_buf *b, size_t n) {
  if (n > b->n) n = b->n;
  if (n == 0) return;
  memmove(b->bytes, b->bytes + n, b->n - n);
  if (b->secret) al_wipe(b->bytes + b->n - n, n);
  b->n -= n;
  b->bytes[b->n] = '\0';
}

void al_buf_clear (al_buf *b) {
  if (b->secret && b->bytes != NULL)
    al_wipe(b->bytes, b->room); /* all of it: reserved room may be written and not counted */
  b->n = 0;
  if (b->bytes != NULL) b->bytes[0] = '\0';
  b->broken = b->starved = false;
}

void al_buf_take (al_buf *to, al_buf *from) {
  let_go(to);
  to->bytes = from->bytes;
  to->n = from->n;
  to->room = from->room;
  to->broken = from->broken;
  to->starved = from->starved;
  from->bytes = NULL;
  from->n = from->room = 0;
}

void al_buf_dispose (al_buf *b) {
  let_go(b);
  b->broken = b->starved = false;
}

char *al_text_copy (const char *text) {
  size_t n = strlen(text) + 1;
  char *copy = malloc(n);
  if (copy != NULL) memcpy(copy, text, n);
  return copy;
}
