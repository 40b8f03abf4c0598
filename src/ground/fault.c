#include "ground/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void al_fault_clear (al_fault *f) {
  f->kind = AL_FINE;
  f->outcome = AL_TRANSIENT;
  f->status = 0;
  f->retry_after_ms = -1;
  f->code[0] = f->error[0] = f->description[0] = f->uri[0] = f->message[0] = '\0';
}

/* How many bytes the well-formed UTF-8 character at p takes (RFC 3629: no overlong ones, no surrogates); 0: none there.
 */
static size_t utf8 (const unsigned char *p, size_t n) {
  size_t size = p[0] < 0x80                   ? 1
                : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
                : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
                : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                              : 0;
  if (size == 0 || size > n) return 0;
  for (size_t i = 1; i < size; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
  bool beyond = (p[0] == 0xED && p[1] >= 0xA0) || (p[0] == 0xF4 && p[1] >= 0x90);
  return overlong || beyond ? 0 : size;
}

/* C0, DEL, and C1 (U+0080 to U+009F), among which terminals find commands too. */
static bool control (const unsigned char *p, size_t size) {
  return p[0] < 0x20 || p[0] == 0x7F || (size == 2 && p[0] == 0xC2 && p[1] < 0xA0);
}

/* Drops a character at the end that was cut in half. */
static void mend_end (char *text) {
  size_t n = strlen(text), start = n;
  while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
  if (start > 0 && utf8((unsigned char *)text + start - 1, n - start + 1) == 0) text[start - 1] = '\0';
}

void al_fault_set (al_fault *f, al_kind kind, al_outcome outcome, const char *code, const char *format, ...) {
  al_fault_clear(f);
  f->kind = kind;
  f->outcome = outcome;
  al_fault_text(f->code, sizeof f->code, code, strlen(code));
  va_list args;
  va_start(args, format);
  int n = vsnprintf(f->message, sizeof f->message, format, args);
  va_end(args);
  if (n >= (int)sizeof f->message) mend_end(f->message);
}

void al_fault_text (char *out, size_t size, const char *text, size_t n) {
  size_t used = 0;
  for (size_t i = 0; i < n;) {
    const unsigned char *p = (const unsigned char *)text + i;
    size_t take = utf8(p, n - i);
    bool odd = take == 0 || control(p, take);
    if (used + (odd ? 1 : take) >= size) break;
    if (odd) out[used++] = '?';
    else {
      memcpy(out + used, p, take);
      used += take;
    }
    i += take > 0 ? take : 1;
  }
  out[used] = '\0';
}

const char *al_kind_name (al_kind kind) {
  static const char *const names[] = { "none", "oauth", "http", "network", "store", "state", "cancelled" };
  return names[kind];
}

const char *al_outcome_name (al_outcome outcome) {
  static const char *const names[] = { "transient", "revoked", "interaction_required", "misconfigured" };
  return names[outcome];
}
