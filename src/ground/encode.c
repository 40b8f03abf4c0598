#include "ground/encode.h"

#include <string.h>

static const char hex_digits[] = "0123456789ABCDEF";

static bool unreserved (unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

static bool add_escape (al_buf *out, unsigned char c) {
  char escape[3] = { '%', hex_digits[c >> 4], hex_digits[c & 15] };
  return al_buf_add(out, escape, 3);
}

bool al_encode_form (al_buf *out, const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)bytes[i];
    bool ok = unreserved(c) && c != '~' ? al_buf_addc(out, (char)c)
              : c == ' '                ? al_buf_addc(out, '+')
                                        : add_escape(out, c);
    if (!ok) return false;
  }
  return !out->broken;
}

bool al_encode_field (al_buf *out, const char *name, const char *value, size_t n) {
  if (out->n > 0) al_buf_addc(out, '&');
  al_encode_form(out, name, strlen(name));
  al_buf_addc(out, '=');
  return al_encode_form(out, value, n);
}

bool al_encode_percent (al_buf *out, const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (!(unreserved(c) ? al_buf_addc(out, (char)c) : add_escape(out, c))) return false;
  }
  return !out->broken;
}

static int hex_value (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool al_decode_percent (al_buf *out, const char *text, size_t n, bool plus_is_space) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    else if (c == '%') {
      int high = i + 2 < n ? hex_value(text[i + 1]) : -1;
      int low = i + 2 < n ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      c = (char)(high * 16 + low);
      i += 2;
    }
    if (!al_buf_addc(out, c)) return false;
  }
  return !out->broken;
}

static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool base64 (al_buf *out, const unsigned char *p, size_t n, const char *alphabet, bool pad) {
  for (; n >= 3; p += 3, n -= 3) {
    char four[4] = { alphabet[p[0] >> 2], alphabet[(p[0] & 3) << 4 | p[1] >> 4], alphabet[(p[1] & 15) << 2 | p[2] >> 6],
                     alphabet[p[2] & 63] };
    al_buf_add(out, four, 4);
  }
  if (n > 0) {
    unsigned char second = n == 2 ? p[1] : 0;
    char four[4] = { alphabet[p[0] >> 2], alphabet[(p[0] & 3) << 4 | second >> 4],
                     n == 2 ? alphabet[(second & 15) << 2] : '=', '=' };
    al_buf_add(out, four, pad ? 4 : n + 1);
  }
  return !out->broken;
}

bool al_encode_base64 (al_buf *out, const void *bytes, size_t n) {
  return base64(out, bytes, n, base64_std, true);
}

bool al_encode_base64url (al_buf *out, const void *bytes, size_t n) {
  return base64(out, bytes, n, base64_url, false);
}

static int base64url_value (char c) {
  const char *at = c != '\0' ? strchr(base64_url, c) : NULL;
  return at != NULL ? (int)(at - base64_url) : -1;
}

bool al_decode_base64url (al_buf *out, const char *text, size_t n) {
  unsigned bits = 0;
  int have = 0;
  if (n % 4 == 1) return false;
  for (size_t i = 0; i < n; i++) {
    int v = base64url_value(text[i]);
    if (v < 0) return false;
    bits = bits << 6 | (unsigned)v;
    have += 6;
    if (have >= 8) {
      have -= 8;
      if (!al_buf_addc(out, (char)(bits >> have & 255))) return false;
    }
  }
  /* left-over bits must be zero, or one value would have several spellings (RFC 4648 section 3.5) */
  return (bits & ((1u << have) - 1)) == 0;
}

bool al_encode_json (al_buf *out, const char *bytes, size_t n) {
  al_buf_addc(out, '"');
  for (size_t i = 0, start = 0; i <= n; i++) {
    unsigned char c = i < n ? (unsigned char)bytes[i] : 0;
    if (i < n && c >= 0x20 && c != '"' && c != '\\') continue;
    al_buf_add(out, bytes + start, i - start); /* all that stands for itself */
    start = i + 1;
    if (i == n) break;
    if (c >= 0x20) al_buf_addc(out, '\\'), al_buf_addc(out, (char)c);
    else al_buf_addf(out, "\\u%04x", (unsigned)c);
  }
  return al_buf_addc(out, '"');
}

bool al_encode_hex (al_buf *out, const void *bytes, size_t n) {
  const unsigned char *p = bytes;
  for (size_t i = 0; i < n; i++) {
    char two[2] = { "0123456789abcdef"[p[i] >> 4], "0123456789abcdef"[p[i] & 15] };
    if (!al_buf_add(out, two, 2)) return false;
  }
  return !out->broken;
}

bool al_form_next (const char *text, size_t n, size_t *at, const char **name, size_t *name_n, const char **value,
                   size_t *value_n) {
  while (*at < n && text[*at] == '&') ++*at;
  if (*at >= n) return false;
  const char *field = text + *at, *stop = memchr(field, '&', n - *at), *end = stop != NULL ? stop : text + n;
  const char *is = memchr(field, '=', (size_t)(end - field));
  *name = field;
  *name_n = (size_t)((is != NULL ? is : end) - field);
  *value = is != NULL ? is + 1 : end;
  *value_n = (size_t)(end - *value);
  *at = (size_t)(end - text);
  return true;
}
