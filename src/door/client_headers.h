/*
 * client_headers · the headers that a client's configuration adds to each request to its API
 * knows          · Lua, options, client, request
 * never          · calls the program's functions: Lua does so before a request begins
 * owns           · nothing
 * spec           · spec/client/headers_spec.lua
 */
#ifndef AL_DOOR_CLIENT_HEADERS_H
#define AL_DOOR_CLIENT_HEADERS_H

#include "door/options.h"
#include "law/client.h"

/* Reads option `headers`: texts go into the client, functions into the table at `values`, as `header_makers`. */
void al_client_headers_read (al_client *c, al_options *o, int values);

/* core.header_fault, see client_headers.c */
int al_l_header_fault (lua_State *L);

#endif
