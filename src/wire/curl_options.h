/*
 * curl_options · the one list of libcurl options, and what libcurl's errors mean in our words
 * knows        · libcurl, settings, fault, url
 * never        · switches off the checking of certificates
 * owns         · nothing
 * spec         · spec/wire/fault_spec.lua, spec/wire/tls_spec.lua
 */
#ifndef AL_WIRE_CURL_OPTIONS_H
#define AL_WIRE_CURL_OPTIONS_H

#include <curl/curl.h>

#include "ground/fault.h"
#include "law/settings.h"

/* Puts on a fresh handle what all requests of a client have in common, but for whom it trusts. False: memory ran out.
 */
bool al_curl_dress (CURL *easy, const al_settings *settings);

/* Whom it trusts. capath: a hashed folder of certificates, or NULL. False: memory ran out. */
bool al_curl_trust (CURL *easy, const al_settings *settings, const char *capath);

/* The client's own certificate for the connection (RFC 8705), or none. False: memory ran out. */
bool al_curl_certify (CURL *easy, const char *cert_file, const char *key_file);

/* The system's folder of certificates where it is a hashed one, on the heap; else NULL. */
char *al_curl_capath (void);

/* "Accept-Encoding: …" with all that this libcurl can unpack. */
void al_curl_encodings (char *out, size_t size);

/* Says what went wrong. `over`: the ceiling that was gone over, or NULL; `detail`: libcurl's own words, or "";
 * `refusal`: the status with which a proxy refused a tunnel, or 0. Where it happened is the caller's to say. */
void al_curl_fault (al_fault *out, CURLcode result, const char *over, const char *detail, int refusal);

#endif
