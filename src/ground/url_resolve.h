/*
 * url_resolve · where a link leads that a server wrote, read as browsers do (WHATWG URL Standard)
 * knows       · url, buf, ascii
 * never       · gives a URL with user:password@, of another scheme than http(s), or of a host that two readers could
 *               take differently; decides who may be told credentials
 * owns        · nothing
 * spec        · spec/c/url_resolve_test.c
 */
#ifndef AL_GROUND_URL_RESOLVE_H
#define AL_GROUND_URL_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/buf.h"

/*
 * Sets `out` to the URL, absolute and without a fragment, that the n bytes of `link` mean in a text from `base`.
 * `strict`: what browsers send and RFC 3986 doesn't have ("[", "|", a lone "%") is percent-encoded, too. False: it
 * leads nowhere, or there is no room for it (out->broken); then `out` is empty.
 */
bool al_url_resolve (al_buf *out, const char *base, size_t base_n, const char *link, size_t n, bool strict);

#endif
