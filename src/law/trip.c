#include "law/trip.h"

#include <stdlib.h>
#include <string.h>

al_trip *al_trip_new (const al_request *q, int64_t wall_ms) {
  const al_url *where = &q->where;
  size_t origin_n = (size_t)(where->path - al_buf_text(&q->url)), n = origin_n + where->path_n;
  al_trip *e = malloc(sizeof *e + n + 2);
  if (e == NULL) return NULL;
  *e = (al_trip){ .id = q->number,
                  .purpose = q->purpose != NULL ? q->purpose : "api",
                  .wall_ms = wall_ms,
                  .took_ms = -1,
                  .connect_ms = -1,
                  .first_ms = -1,
                  .origin_n = (int)origin_n };
  memcpy(e->method, q->method, sizeof e->method);
  memcpy(e->url, q->url.bytes, n);
  memcpy(e->url + n, where->path_n > 0 ? "" : "/", where->path_n > 0 ? 1 : 2);
  return e;
}
