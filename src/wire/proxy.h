/*
 * proxy · what the URL of a proxy may be, and what libcurl says of one
 * knows · libcurl, fault
 * never · lets a proxy's user or password into words
 * owns  · nothing
 * spec  · spec/wire/proxy_spec.lua
 */
#ifndef AL_WIRE_PROXY_H
#define AL_WIRE_PROXY_H

#include <curl/curl.h>
#include <stdbool.h>

#include "ground/fault.h"

/* What is wrong with a proxy's URL, as the end of a sentence; NULL: nothing. It is read as libcurl will read it. */
const char *al_proxy_unfit (const char *text);

/* Whether plain http goes by a proxy that speaks HTTP itself: `named` by the program, or (NULL) by the environment. */
bool al_proxy_of_http (const char *named);

/* Takes user and password out of libcurl's words, which may repeat a proxy's URL as it was written. */
void al_proxy_hide (char *words);

/* The status with which a proxy refused the tunnel; 0: it didn't. */
int al_proxy_refusal (CURL *easy, CURLcode result);

/* Says it. `status` as of al_proxy_refusal, or 0: its URL can't be read. */
void al_proxy_fault (al_fault *out, int status);

/* Whether libcurl's words are of a proxy whose URL it can't use. */
bool al_proxy_odd (const char *words);

#endif
