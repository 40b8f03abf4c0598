/*
 * lines · the header lines of one request, as libcurl wants them listed
 * knows · libcurl, request, settings
 * never · copies a line: its nodes point at the text of others, which must outlive the transfer
 * owns  · its nodes, where there are more than a few
 * spec  · spec/session/request_spec.lua
 */
#ifndef AL_WIRE_LINES_H
#define AL_WIRE_LINES_H

#include <curl/curl.h>

#include "law/request.h"
#include "law/settings.h"

enum { AL_FEW_LINES = 10 }; /* enough for most requests */

typedef struct al_lines {
  struct curl_slist *list; /* `few`, or an array of its own where those are too few; NULL: none made yet */
  struct curl_slist few[AL_FEW_LINES];
  int room;
} al_lines;

/*
 * The program's lines, the authorization (or NULL), and what libcurl would add by itself: it formats its own twice,
 * letter by letter, so they are cheaper from here. False: memory ran out.
 */
bool al_lines_make (al_lines *t, const al_request *q, const al_settings *settings, const char *authorization,
                    const char *encodings);

void al_lines_dispose (al_lines *t);

#endif
