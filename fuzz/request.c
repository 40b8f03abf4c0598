/* What a program hands in for a request: a method, then header lines "name TAB value". What is taken is one line each.
 */
#include "law/request.h"

#include "fuzz.h"
#include "law/header.h"

static void judge_method (const char *method) {
  must(method[0] != '\0' && strlen(method) < 24);
  must(strpbrk(method, " \t\r\n:/?\"(),;<=>@[\\]{}") == NULL);
}

static void judge_lines (const al_request *q) {
  const char *line = al_buf_text(&q->lines);
  for (int i = 0; i < q->line_count; i++, line += strlen(line) + 1) {
    must(line + strlen(line) < q->lines.bytes + q->lines.n);
    must(strcspn(line, ":;") > 0 && line[strcspn(line, ":;")] != '\0');
    for (const char *p = line; *p != '\0'; p++) must((unsigned char)*p >= 0x20 || *p == '\t');
  }
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  static const char *const kept[] = { "Host",
                                      "Authorization",
                                      "Content-Length",
                                      "Transfer-Encoding",
                                      "Connection",
                                      "Upgrade",
                                      "TE",
                                      "Proxy-Authorization",
                                      "Trailer",
                                      "Expect" };
  input in = input_of(bytes, n);
  al_request q;
  al_request_init(&q);
  size_t size;
  const char *method = input_line(&in, &size);
  al_request_method(&q, method, size);
  judge_method(q.method);
  while (in.p < in.end && in.count < 7) {
    const char *line = input_line(&in, &size), *tab = memchr(line, '\t', size);
    size_t name_n = tab != NULL ? (size_t)(tab - line) : size;
    al_request_header(&q, line, name_n, tab != NULL ? tab + 1 : "", tab != NULL ? size - name_n - 1 : 0);
  }
  judge_lines(&q);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) must(!al_request_has(&q, kept[i]));
  al_request_dispose(&q);
  input_over(&in);
  return 0;
}
