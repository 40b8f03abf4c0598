#include "ground/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ground/printable.h"

void al_fault_clear (al_fault *f) {
  f->kind = AL_FINE;
  f->outcome = AL_TRANSIENT;
  f->status = 0;
  f->retry_after_ms = -1;
  f->code[0] = f->error[0] = f->description[0] = f->uri[0] = f->message[0] = '\0';
  f->method[0] = f->url[0] = f->client_id[0] = f->challenge[0] = '\0';
  f->proved = NULL;
}

/* Drops a character at the end that was cut in half. */
static void mend_end (char *text) {
  size_t n = strlen(text), start = n;
  while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
  if (start > 0 && al_utf8((unsigned char *)text + start - 1, n - start + 1) == 0) text[start - 1] = '\0';
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

void al_fault_add (al_fault *f, const char *format, ...) {
  size_t n = strlen(f->message), room = sizeof f->message - n;
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(f->message + n, room, format, args);
  va_end(args);
  if (wanted >= (int)room) mend_end(f->message);
}

void al_fault_at (al_fault *f, const char *method, const char *url, size_t n) {
  if (f->method[0] != '\0') return;
  const char *query = memchr(url, '?', n);
  al_fault_text(f->method, sizeof f->method, method, strlen(method));
  al_fault_text(f->url, sizeof f->url, url, query != NULL ? (size_t)(query - url) : n);
}

void al_fault_of (al_fault *f, const char *client_id, const char *proved) {
  if (f->client_id[0] != '\0' || client_id == NULL) return;
  al_fault_text(f->client_id, sizeof f->client_id, client_id, strlen(client_id));
  f->proved = proved;
}

void al_fault_text (char *out, size_t size, const char *text, size_t n) {
  size_t used = 0;
  for (size_t i = 0; i < n;) {
    const unsigned char *p = (const unsigned char *)text + i;
    size_t take = al_utf8(p, n - i);
    bool odd = take == 0 || al_hidden(al_code_point(p, take));
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
