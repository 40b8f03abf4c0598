/*
 * lane  · one of libcurl's multi handles, with the requests and connections in it; all lanes stand behind one poller
 * knows · libcurl, poller
 * never · holds more than AL_LANE_REQUESTS while another has room
 * owns  · its multi handle, and so its connections
 * spec  · spec/wire/connection_spec.lua
 *
 * For each request libcurl looks for a free connection by walking past all of its multi handle's that are taken. With
 * 500 in flight in one handle that was a sixth of all instructions; with 64, few.
 */
#ifndef AL_WIRE_LANE_H
#define AL_WIRE_LANE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "ground/limits.h"
#include "ground/poller.h"

typedef struct al_lane {
  CURLM *multi; /* NULL: closed */
  al_poller *poller;
  int number;
  int limit;                /* `max_connections` of those who use it … */
  int out;                  /* requests under way */
  int64_t timer_at;         /* when libcurl wants to be called; -1: not */
  long most_connections;    /* how many it may keep … */
  int64_t connections_used; /* … and when half of them were last in use */
} al_lane;

typedef struct al_lanes {
  al_lane all[AL_MAX_LANES];
  int count; /* of those that were opened so far; lanes[0] is always open, but after al_lanes_close */
} al_lanes;

/* Opens the first. False: the system refused. */
bool al_lanes_open (al_lanes *l, al_poller *poller);
void al_lanes_close (al_lanes *l);

/* In the child after a fork: they are the parent's, and left to it. */
void al_lanes_leave (al_lanes *l);

/* Where the next request of a client with such `max_connections` goes: the first with room, so that few connections
 * serve few requests. NULL: the system refused to open one. */
al_lane *al_lanes_pick (al_lanes *l, int limit);

/* When libcurl wants to be called in one of them; -1: not. */
int64_t al_lanes_timer (const al_lanes *l);

bool al_lane_open (al_lane *lane);
void al_lane_close (al_lane *lane);
bool al_lane_due (const al_lane *lane);

/* False: it is of no use any more, as libcurl couldn't watch a socket. */
bool al_lane_act (al_lane *lane, curl_socket_t fd, int what);

/* To be called after a request came or went: it may keep as many connections as were in use of late. */
void al_lane_changed (al_lane *lane);

#endif
